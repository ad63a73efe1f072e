import { z } from 'zod';
import { alertRoutes } from './api-alerts.ts';
import { courierRoutes } from './api-courier.ts';
import { coursewareRoutes } from './api-courseware.ts';
import { fleetRoutes } from './api-fleet.ts';
import { linkRoutes } from './api-links.ts';
import { packRoutes } from './api-packs.ts';
import { replayRoutes } from './api-replays.ts';
import { storageRoutes } from './api-storage.ts';
import { tokenRoutes } from './api-tokens.ts';
import { updateRoutes } from './api-updates.ts';
import { watchingRoutes } from './api-watching.ts';
import { Id, Language, Localised, WallTime } from './common.ts';
import { CommandRecord, CommandResult, Order } from './device-commands.ts';
import {
  Challenge,
  DeviceDetail,
  KeyProof,
  Level,
  PairingCode,
  RoomDetail,
  RoomSettings,
  RoomSummary,
  SeriesPoint,
  SeriesSpan,
} from './devices.ts';
import { Part } from './events.ts';
import { ReplayState } from './replay.ts';
import { Role } from './roles.ts';
import { Nothing, route } from './route.ts';
import { TimetableSeries } from './timetable.ts';
import { TokenScope } from './tokens.ts';

export const Account = z.object({
  id: Id,
  role: Role,
  name: Localised,
  school: z.object({ id: Id, name: Localised }),
  language: Language.optional(),
  /** Further schools that a technician or administrator looks after. */
  serves: z.array(Id).optional(),
  /** Where a program asks in their name. */
  token: z.object({ scopes: z.array(TokenScope), reading: z.boolean() }).optional(),
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
  /** Replays that the teacher gave along to be watched before it. */
  before: z.array(z.object({ lesson: Id, title: Localised })).optional(),
});
export type LessonSummary = z.infer<typeof LessonSummary>;

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
  ...replayRoutes,
  ...courierRoutes,
  ...linkRoutes,
  ...storageRoutes,
  ...watchingRoutes,

  /** What a device signs to prove that it holds its key. */
  'device.challenge': route({
    method: 'post',
    path: '/device/challenge',
    may: 'anyone',
    input: Nothing,
    output: z.object({ challenge: Challenge }),
  }),
  /** A new screen asks to be paired; asking again within the ten minutes gives the same code. */
  'device.pair': route({
    method: 'post',
    path: '/device/pairing',
    may: 'anyone',
    input: KeyProof,
    /** `now`: the server's, since a new screen's clock may never have been set. */
    output: z.object({ code: z.string(), expiresAt: WallTime, now: WallTime }),
  }),
  /** An enrolled device becomes its room's account; null until someone has entered its code. */
  'device.signIn': route({
    method: 'post',
    path: '/device/session',
    may: 'anyone',
    input: KeyProof,
    output: z.object({ enrolled: z.object({ account: Account, device: Id }).nullable() }),
  }),

  /** The rooms of every school one serves, worst first. */
  'room.list': route({
    method: 'get',
    path: '/rooms',
    may: 'room.list',
    input: z.object({
      search: z.string().max(80).optional(),
      level: Level.optional(),
      school: Id.optional(),
      /** `lesson`: by who has one sooner, whatever their state. */
      order: z.enum(['worst', 'lesson']).default('worst'),
      from: z.coerce.number().int().min(0).default(0),
      limit: z.coerce.number().int().min(1).max(200).default(50),
    }),
    output: z.object({
      now: WallTime,
      rooms: z.array(RoomSummary),
      /** How many there are in all that fit search and school; by level. */
      counts: z.record(Level, z.number().int()),
      schools: z.array(z.object({ id: Id, name: Localised })),
    }),
  }),
  'room.show': route({
    method: 'get',
    path: '/rooms/:room',
    may: 'room.manage',
    input: Nothing,
    output: z.object({ now: WallTime, room: RoomDetail }),
  }),
  'room.update': route({
    method: 'post',
    path: '/rooms/:room',
    may: 'room.manage',
    input: z.object({
      name: z.string().trim().min(1).max(80).optional(),
      notes: z.string().max(4000).optional(),
      settings: RoomSettings.partial().optional(),
    }),
    output: Nothing,
  }),
  /** Enters a screen's code: for a room that is there, or a new one of a school; `replaces` keeps that device's history. */
  'device.enrol': route({
    method: 'post',
    path: '/devices',
    may: 'room.list',
    input: z.object({
      code: PairingCode,
      room: z.union([z.object({ id: Id }), z.object({ name: z.string().trim().min(1).max(80), school: Id })]),
      replaces: Id.optional(),
    }),
    output: z.object({ room: Id, device: Id }),
  }),
  'device.revoke': route({
    method: 'delete',
    path: '/rooms/:room/devices/:device',
    may: 'room.manage',
    input: Nothing,
    output: Nothing,
  }),
  /** Done at once where the device is there; kept for a day where it is away. */
  'device.command': route({
    method: 'post',
    path: '/rooms/:room/devices/:device/commands',
    may: 'room.manage',
    input: Order,
    output: CommandRecord,
  }),
  /** What a command brought: a picture of the page, a log. Looking at it is written down. */
  'device.result': route({
    method: 'get',
    path: '/rooms/:room/devices/:device/commands/:command',
    may: 'room.manage',
    input: Nothing,
    output: CommandResult,
  }),
  'device.show': route({
    method: 'get',
    path: '/rooms/:room/devices/:device',
    may: 'room.manage',
    input: Nothing,
    output: DeviceDetail,
  }),
  'device.series': route({
    method: 'get',
    path: '/rooms/:room/devices/:device/series',
    may: 'room.manage',
    input: z.object({ span: SeriesSpan.default('day') }),
    output: z.object({ stepMs: z.number().int(), points: z.array(SeriesPoint) }),
  }),

  'timetable.list': route({
    method: 'get',
    path: '/schools/:school/timetable',
    may: 'timetable.manage',
    input: Nothing,
    output: z.object({ series: z.array(TimetableSeries) }),
  }),
  /** Makes or replaces one recurring lesson; lessons of the coming fortnight follow it at once. */
  'timetable.put': route({
    method: 'post',
    path: '/schools/:school/timetable',
    may: 'timetable.manage',
    input: TimetableSeries.partial({ id: true }),
    output: z.object({ id: Id, lessons: z.number().int() }),
  }),
  'timetable.delete': route({
    method: 'delete',
    path: '/schools/:school/timetable/:series',
    may: 'timetable.manage',
    input: Nothing,
    output: Nothing,
  }),

  ...coursewareRoutes,
  ...packRoutes,
  ...updateRoutes,
  ...fleetRoutes,
  ...alertRoutes,
  ...tokenRoutes,
} as const;

export type RouteName = keyof typeof routes;
export type RouteInput<N extends RouteName> = z.output<(typeof routes)[N]['input']>;
export type RouteOutput<N extends RouteName> = z.output<(typeof routes)[N]['output']>;
