import express, { type Request, type Response, type Router } from 'express';
import type { z } from 'zod';
import {
  type Account,
  type RouteInput,
  type RouteName,
  type RouteOutput,
  routes,
} from '../../protocol/api.ts';
import { TongkeError } from '../../protocol/errors.ts';
import { type Auth, subjectOf } from '../auth/auth.ts';
import type { LessonRecord, LessonRecords } from '../lessons/record.ts';
import { sendAnswer } from './answer.ts';
import { authorise, authoriseLesson } from './authorise.ts';

/** What a handler is given: its input parsed, its caller authorised. */
export interface RouteContext {
  readonly request: Request;
  readonly account: Account | null;
  /** Of routes with `:lesson`; null elsewhere. */
  readonly lesson: LessonRecord | null;
}

export type RouteHandler<N extends RouteName> = (
  context: RouteContext,
  input: RouteInput<N>,
) => Promise<RouteOutput<N>>;

/** A handler for every route: one that is missing does not compile. */
export type RouteHandlers = { readonly [N in RouteName]: RouteHandler<N> };

/** The table as far as mounting needs it, in a form in which a name ties input to handler. */
type RouteTable = {
  readonly [N in RouteName]: Pick<(typeof routes)[N], 'method' | 'path' | 'may'> & {
    readonly input: z.ZodType<RouteInput<N>>;
  };
};

const table: RouteTable = routes;

const BODY_LIMIT = '100kb';

export interface ApiOptions {
  readonly auth: Auth;
  readonly records: LessonRecords;
  readonly handlers: RouteHandlers;
}

/** The routes of `protocol/api.ts`. Every request crosses `serve` and nothing else: parsed, authorised, handled. */
export function createApi(options: ApiOptions): Router {
  const router = express.Router();
  router.use((request, response, next) => {
    response.set('Cache-Control', 'private, no-cache');
    const changes = request.method !== 'GET' && request.method !== 'HEAD';
    next(changes && !options.auth.originAllowed(request) ? new TongkeError('forbidden') : undefined);
  });
  router.use(express.json({ limit: BODY_LIMIT }));
  for (const name of routeNames()) {
    const { method, path } = table[name];
    router[method](path, (request, response) => serve(name, options, request, response));
  }
  router.use(() => {
    throw new TongkeError('unknown_request');
  });
  return router;
}

function routeNames(): RouteName[] {
  const known = (name: string): name is RouteName => Object.hasOwn(table, name);
  return Object.keys(table).filter(known);
}

async function serve<N extends RouteName>(
  name: N,
  { auth, records, handlers }: ApiOptions,
  request: Request,
  response: Response,
): Promise<void> {
  const { may, input } = table[name];
  const account = await auth.accountOf(request);
  const subject = account && subjectOf(account);
  const { lesson: id } = request.params;
  const lesson = id === undefined ? null : await authoriseLesson(records, subject, may, id);
  if (!lesson) authorise(subject, may);
  const parsed = input.safeParse((request.method === 'GET' ? request.query : request.body) ?? {});
  if (!parsed.success) throw new TongkeError('bad_request', describe(parsed.error));
  const data = await handlers[name]({ request, account, lesson }, parsed.data);
  await sendAnswer(request, response, { ok: true, data });
}

/** Which field does not fit, never its value: that might be a password. */
function describe(error: z.ZodError): string {
  const [issue] = error.issues;
  return issue ? `${issue.path.join('.') || 'input'}: ${issue.message}` : 'bad_request';
}
