import express, { type Request, type Response, type Router } from 'express';
import type { z } from 'zod';
import {
  type Account,
  type RouteInput,
  type RouteName,
  type RouteOutput,
  routes,
} from '../../protocol/api.ts';
import { Id } from '../../protocol/common.ts';
import { type ErrorCode, TongkeError } from '../../protocol/errors.ts';
import type { SchoolScope } from '../../protocol/roles.ts';
import { type Auth, subjectOf } from '../auth/auth.ts';
import type { LessonRecord, LessonRecords } from '../lessons/record.ts';
import type { RoomRecord } from '../store/rooms.ts';
import { sendAnswer } from './answer.ts';
import { authorise, authoriseLesson, authoriseRoom } from './authorise.ts';
import { isSharedWith } from './shared.ts';

/** What a handler is given: its input parsed, its caller authorised. */
export interface RouteContext {
  readonly request: Request;
  readonly account: Account | null;
  /** Of routes with `:lesson`; null elsewhere. */
  readonly lesson: LessonRecord | null;
  /** Of routes with `:room`; null elsewhere. */
  readonly room: RoomRecord | null;
}

export type RouteHandler<N extends RouteName> = (
  context: RouteContext,
  input: RouteInput<N>,
) => Promise<RouteOutput<N>>;

/** A handler for every route: one that is missing does not compile. */
export type RouteHandlers = { readonly [N in RouteName]: RouteHandler<N> };

/** The table as far as mounting needs it, in a form in which a name ties input to handler. */
type RouteTable = {
  readonly [N in RouteName]: Pick<(typeof routes)[N], 'method' | 'path' | 'may' | 'limit'> & {
    readonly input: z.ZodType<RouteInput<N>>;
  };
};

const table: RouteTable = routes;

/** Bytes. */
const BODY_LIMIT = 100 * 1024;

export interface ApiOptions {
  readonly auth: Auth;
  readonly records: LessonRecords;
  readonly handlers: RouteHandlers;
  /** Told of every request about rooms and devices that was refused. */
  readonly refused: (refusal: Refusal) => void;
}

export interface Refusal {
  readonly request: Request;
  readonly account: Account | null;
  readonly name: RouteName;
  readonly code: ErrorCode;
}

/** The routes of `protocol/api.ts`. Every request crosses `serve` and nothing else: parsed, authorised, handled. */
export function createApi(options: ApiOptions): Router {
  const router = express.Router();
  router.use((request, response, next) => {
    response.set('Cache-Control', 'private, no-cache');
    const changes = request.method !== 'GET' && request.method !== 'HEAD';
    next(changes && !options.auth.originAllowed(request) ? new TongkeError('forbidden') : undefined);
  });
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
  options: ApiOptions,
  request: Request,
  response: Response,
): Promise<void> {
  const account = await options.auth.accountOf(request);
  try {
    const data = await answer(name, options, request, response, account);
    await sendAnswer(request, response, { ok: true, data });
  } catch (error) {
    if (error instanceof TongkeError) options.refused({ request, account, name, code: error.code });
    throw error;
  }
}

async function answer<N extends RouteName>(
  name: N,
  { records, handlers }: ApiOptions,
  request: Request,
  response: Response,
  account: Account | null,
): Promise<RouteOutput<N>> {
  const { may, input, limit } = table[name];
  const subject = account && subjectOf(account);
  const { params } = request;
  const lesson =
    params.lesson === undefined
      ? null
      : await authoriseLesson(records, subject, may, params.lesson, (id) => isSharedWith(request, id));
  const room = params.room === undefined ? null : await authoriseRoom(subject, may, params.room);
  if (!lesson && !room) authorise(subject, may, scopeOf(params.school));
  await readBody(request, response, limit);
  const parsed = input.safeParse((request.method === 'GET' ? request.query : request.body) ?? {});
  if (!parsed.success) throw new TongkeError('bad_request', describe(parsed.error));
  return handlers[name]({ request, account, lesson, room }, parsed.data);
}

/** Only now: what somebody sends who may not send it is not even read. */
function readBody(request: Request, response: Response, limit: number = BODY_LIMIT): Promise<void> {
  return new Promise((resolve, reject) => {
    express.json({ limit })(request, response, (error?: unknown) => (error ? reject(error) : resolve()));
  });
}

function scopeOf(school: unknown): SchoolScope | undefined {
  const id = Id.safeParse(school);
  return id.success ? { school: id.data } : undefined;
}

/** Which field does not fit, never its value: that might be a password. */
function describe(error: z.ZodError): string {
  const [issue] = error.issues;
  return issue ? `${issue.path.join('.') || 'input'}: ${issue.message}` : 'bad_request';
}
