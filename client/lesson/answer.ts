import { z } from 'zod';
import { ErrorBody, TongkeError } from '../../protocol/errors.ts';
import { type Output, type RequestName, requests } from '../../protocol/requests.ts';

/** At 32 kbit/s a large answer may stand behind half a minute of queue. */
export const ANSWER_TIMEOUT_MS = 20_000;

/** No answer came, and none will over this connection; whether the request was heard is not known. */
export class ConnectionLost extends TongkeError {
  constructor(message = 'the connection to the server is lost') {
    super('connection_lost', message);
  }
}

/** What was asked for has ended meanwhile: a stream, a transport. */
export const isGone = (error: unknown) => error instanceof TongkeError && error.code === 'stream_gone';

/** Of what is no page: a page in its place is a network's own, that wants to be signed in to. The link is away, then. */
export const isForeign = ({ headers }: Response): boolean =>
  headers.get('content-type')?.startsWith('text/html') ?? false;

const AnyAnswer = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), data: z.unknown() }),
  z.object({ ok: z.literal(false), error: z.object({ code: z.string(), message: z.string() }) }),
]);

/** What the server answered to `name`; throws what it refused with. */
export function readAnswer<N extends RequestName>(name: N, raw: unknown): Output<N> {
  const answer = AnyAnswer.safeParse(raw);
  if (!answer.success) throw new TongkeError('internal', `the answer to ${name} is none`);
  if (!answer.data.ok) {
    const error = ErrorBody.safeParse(answer.data.error);
    if (!error.success) throw new TongkeError('internal', answer.data.error.message);
    throw new TongkeError(error.data.code, error.data.message);
  }
  const { data } = answer.data;
  if (!isOutput(name, data)) throw new TongkeError('internal', `the answer to ${name} does not fit`);
  return data;
}

function isOutput<N extends RequestName>(name: N, data: unknown): data is Output<N> {
  return requests[name].output.safeParse(data).success;
}
