import { z } from 'zod';
import { Id, Language, Localised, WallTime } from './common.ts';
import { Part } from './events.ts';
import { Replay, ReplayLog, ReplayState } from './replay.ts';
import { type Permission, Role } from './roles.ts';

export const Account = z.object({
  id: Id,
  role: Role,
  name: Localised,
  school: z.object({ id: Id, name: Localised }),
  language: Language.optional(),
});
export type Account = z.infer<typeof Account>;

export const LessonSummary = z.object({
  id: Id,
  title: Localised,
  course: Localised,
  teacher: Localised,
  school: Localised,
  /** Receiving rooms, by name. */
  rooms: z.array(Localised),
  startsAt: WallTime,
  endsAt: WallTime,
  state: z.enum(['ready', 'live', 'ended']),
  /** Who the reader is in it. */
  part: Part,
  replay: ReplayState.nullable(),
});
export type LessonSummary = z.infer<typeof LessonSummary>;

interface RouteSpec<I extends z.ZodType, O extends z.ZodType> {
  readonly method: 'get' | 'post' | 'delete';
  /** Below `/api/v1`, in express's form. `:lesson` is checked against that lesson's scope. */
  readonly path: string;
  readonly may: Permission;
  readonly input: I;
  readonly output: O;
}

function route<I extends z.ZodType, O extends z.ZodType>(spec: RouteSpec<I, O>): RouteSpec<I, O> {
  return spec;
}

const Nothing = z.object({});

/** The HTTP routes that answer with JSON. `input` is the body of a post and the query of a get. */
export const routes = {
  'session.show': route({
    method: 'get',
    path: '/session',
    may: 'anyone',
    input: Nothing,
    output: z.object({
      account: Account.nullable(),
      /** No administrator exists yet: the first visitor with the code from the server's log makes one. */
      setup: z.boolean(),
      /** Names of the demo school's accounts and their password, only while it runs as a demo. */
      demo: z
        .object({
          password: z.string(),
          logins: z.array(z.object({ username: z.string(), role: Role, name: Localised })),
        })
        .nullable(),
    }),
  }),
  'session.create': route({
    method: 'post',
    path: '/session',
    may: 'anyone',
    input: z.object({ username: z.string().trim().min(1).max(64), password: z.string().min(1).max(256) }),
    output: z.object({ account: Account }),
  }),
  'session.delete': route({
    method: 'delete',
    path: '/session',
    may: 'anyone',
    input: Nothing,
    output: Nothing,
  }),
  /** The first administrator of a new installation. */
  'setup.create': route({
    method: 'post',
    path: '/setup',
    may: 'anyone',
    input: z.object({
      code: z.string().min(1).max(64),
      school: z.string().trim().min(1).max(80),
      name: z.string().trim().min(1).max(80),
      username: z.string().trim().min(1).max(64),
      password: z.string().min(10).max(256),
    }),
    output: z.object({ account: Account }),
  }),
  /** Lessons from Monday to Sunday of the week around now, and any that is live; soonest first. */
  'lesson.list': route({
    method: 'get',
    path: '/lessons',
    may: 'signed_in',
    input: Nothing,
    output: z.object({ now: WallTime, lessons: z.array(LessonSummary) }),
  }),
  'lesson.show': route({
    method: 'get',
    path: '/lessons/:lesson',
    may: 'lesson.attend',
    input: Nothing,
    output: LessonSummary,
  }),
  'replay.show': route({
    method: 'get',
    path: '/lessons/:lesson/replay',
    may: 'lesson.attend',
    input: Nothing,
    output: Replay,
  }),
  'replay.log': route({
    method: 'get',
    path: '/lessons/:lesson/log',
    may: 'lesson.attend',
    input: Nothing,
    output: ReplayLog,
  }),
} as const;

export type RouteName = keyof typeof routes;
export type RouteInput<N extends RouteName> = z.output<(typeof routes)[N]['input']>;
export type RouteOutput<N extends RouteName> = z.output<(typeof routes)[N]['output']>;
