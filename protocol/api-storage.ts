import { z } from 'zod';
import { Id, Localised, WallTime } from './common.ts';
import { RecordingDamage } from './recording.ts';
import { Nothing, route } from './route.ts';
import { StorageRules } from './storage-rules.ts';

const Bytes = z.number().int().min(0);

const DiskReport = {
  freeBytes: Bytes,
  /** For how long recording can go on, as now or as a usual lesson; 0: nothing is recorded any more. */
  minutes: z.number().min(0),
  /** Somebody has to make room. */
  low: z.boolean(),
  /** What lies in the store cannot be had: it does not answer, or is configured no longer. */
  away: z.boolean(),
};

/** A replay of which something was damaged, or could not be made. */
const DamagedReplay = RecordingDamage.extend({ title: Localised, startsAt: WallTime });
export type DamagedReplay = z.infer<typeof DamagedReplay>;

/** Bytes, here and in the store. */
const SchoolSpace = z.object({
  id: Id,
  name: Localised,
  /** How many that are over have a recording. */
  lessons: z.number().int().min(0),
  /** What is played. */
  voice: Bytes,
  picture: Bytes,
  /** As it was recorded: what the others can be made of again. */
  tracks: Bytes,
  courseware: Bytes,
  /** Found lately, the newest first. */
  damaged: z.array(DamagedReplay),
  rules: StorageRules,
});
export type SchoolSpace = z.infer<typeof SchoolSpace>;

/** What recordings take, and taking it back. */
export const storageRoutes = {
  /** Whether somebody has to make room. */
  'storage.disk': route({
    method: 'get',
    path: '/storage/disk',
    may: 'room.list',
    input: Nothing,
    output: z.object({
      ...DiskReport,
      /** Something was lost of replays, wherever. */
      lost: z.boolean(),
      /** Something that was recorded could not be made into a replay. */
      failed: z.boolean(),
      /** Of the schools one serves, those that have used nearly all of their space, or all (from 1 on). */
      schools: z.array(z.object({ id: Id, name: Localised, share: z.number() })),
    }),
  }),
  /** Of the schools one serves, those that take most first. */
  'storage.show': route({
    method: 'get',
    path: '/storage',
    may: 'room.list',
    input: Nothing,
    output: z.object({ disk: z.object(DiskReport), schools: z.array(SchoolSpace) }),
  }),
  /** Holds from the next night on, for everything that the school keeps. */
  'storage.rule': route({
    method: 'post',
    path: '/schools/:school/storage',
    may: 'storage.rule',
    input: StorageRules,
    output: Nothing,
  }),
  /** Makes once more what could not be made of a lesson. */
  'replay.again': route({
    method: 'post',
    path: '/lessons/:lesson/replay/again',
    may: 'replay.again',
    input: Nothing,
    /** False: what it would be made of is gone. */
    output: z.object({ trying: z.boolean() }),
  }),
  /**
   * Deletes a replay for good: recording, log, captions, links, notes and questions of everyone, courseware. From the answer on
   * nobody is given any of it. `replay_not_ready` while it is recorded or its voice is made.
   */
  'replay.delete': route({
    method: 'delete',
    path: '/lessons/:lesson/replay',
    may: 'replay.delete',
    input: Nothing,
    output: z.object({
      /** False: something could not be removed just now; that goes on by itself until it is. */
      complete: z.boolean(),
    }),
  }),
} as const;
