import { z } from 'zod';
import { ErrorBody, TongkeError } from '../../protocol/errors.ts';
import type { Replay, ReplayLog } from '../../protocol/replay.ts';
import { call, NetworkError } from '../api.ts';
import type { ReplaySource } from './loader.ts';

/** No byte for this long is a lost link; a log may well take minutes over a thin one. Milliseconds. */
const STALL_MS = 20_000;

/** The server has parsed every entry by its schema already: thousands of them are not parsed again on a phone. */
const LogAnswer = z.discriminatedUnion('ok', [
  z.object({
    ok: z.literal(true),
    data: z.object({ entries: z.custom<ReplayLog['entries']>(Array.isArray) }),
  }),
  z.object({ ok: z.literal(false), error: ErrorBody }),
]);

export const serverSource: ReplaySource = {
  show: (lesson) => call('replay.show', { params: { lesson } }),
  log: fetchLog,
};

async function fetchLog(replay: Replay, after: number): Promise<ReplayLog> {
  const stalled = new AbortController();
  const path = after > 0 ? `${replay.log}?after=${after}` : replay.log;
  const text = await readSlowly(path, stalled).catch((error: unknown) => {
    throw new NetworkError('The log did not come through', { cause: error });
  });
  const answer = LogAnswer.safeParse(jsonOf(text));
  if (!answer.success) throw new NetworkError('A foreign answer instead of the log', { cause: answer.error });
  if (!answer.data.ok) throw new TongkeError(answer.data.error.code, answer.data.error.message);
  return answer.data.data;
}

/** The body as text, for as long as it keeps coming. */
async function readSlowly(url: string, stalled: AbortController): Promise<string> {
  let timer = setTimeout(() => stalled.abort(), STALL_MS);
  try {
    const response = await fetch(url, { credentials: 'same-origin', signal: stalled.signal });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    for (;;) {
      const part = await reader?.read();
      if (!part || part.done) return text;
      text += part.value;
      clearTimeout(timer);
      timer = setTimeout(() => stalled.abort(), STALL_MS);
    }
  } finally {
    clearTimeout(timer);
  }
}

/** A proxy in between may answer with a page of its own. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new NetworkError('No JSON instead of the log', { cause: error });
  }
}
