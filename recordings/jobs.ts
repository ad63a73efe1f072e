import { MongoBackend } from '@agendajs/mongo-backend';
import { Agenda, type Job } from 'agenda';
import type { Db } from 'mongodb';
import { z } from 'zod';
import { Id } from '../protocol/common.ts';
import { RENDITION_KINDS, type RenditionKind } from './lesson-folder.ts';
import type { RecorderLog } from './log.ts';

const COLLECTION = 'recordingJobs';
const JOB = 'rendition';
const POLL_MS = 1000;
/**
 * A job whose process vanished is taken again after this long at the latest. The queue's own watch over a job
 * outlives it by half of this, and a stopping process with it.
 */
const LOCK_MS = 15_000;
const TOUCH_MS = 4_000;
/** A job that could not even note how it failed (the disk may be full) is tried again after so long. */
const BROKEN_MS = 60_000;
/** Every lesson's voice before any lesson's picture. */
const PRIORITY = { voice: 10, aac: 5, picture: 0, store: -5 } as const;

/** What is made, and at last moved into the store. */
export type JobKind = RenditionKind | 'store';

const JobData = z.object({ lesson: Id, kind: z.enum([...RENDITION_KINDS, 'store']) });

export interface RenditionJobsOptions {
  readonly database: Db;
  readonly log: RecorderLog;
  /** Makes one rendition. Resolves with milliseconds after which to try again, or null when there is no need. */
  readonly run: (lesson: string, kind: JobKind, signal: AbortSignal) => Promise<number | null>;
}

class TryAgain extends Error {
  readonly delayMs: number;

  constructor(delayMs: number) {
    super(`Again in ${delayMs} ms`);
    this.delayMs = delayMs;
  }
}

/** Renditions to make, one at a time, in the database's queue: a restart finds them again. */
export class RenditionJobs {
  readonly #agenda: Agenda;
  readonly #database: Db;
  readonly #stopping = new AbortController();
  #turn: Promise<unknown> = Promise.resolve();
  /** Resolves when the queue has noted how its last job ended. */
  #noted: Promise<void> = Promise.resolve();

  constructor({ database, log, run }: RenditionJobsOptions) {
    this.#database = database;
    this.#agenda = new Agenda({
      backend: new MongoBackend({
        mongo: database,
        collection: COLLECTION,
        sort: { priority: 'desc', nextRunAt: 'asc' },
      }),
      processEvery: POLL_MS,
      maxConcurrency: 1,
      removeOnComplete: true,
    });
    this.#agenda.on('error', (error: Error) => log.error({ err: error }, 'the queue of recordings'));
    this.#agenda.on('fail', (error: Error | string) => {
      if (error instanceof TryAgain || this.#stopping.signal.aborted) return; // told where it happened
      log.error({ err: error }, 'a rendition’s job broke off');
    });
    this.#agenda.on('start', () => {
      this.#noted = new Promise((resolve) => this.#agenda.once('complete', () => resolve()));
    });
    this.#agenda.define(JOB, (job: Job<unknown>) => this.#perform(job, run, log), {
      concurrency: 1,
      lockLimit: 1,
      lockLifetime: LOCK_MS,
      backoff: ({ error }) => (error instanceof TryAgain ? error.delayMs : BROKEN_MS),
    });
  }

  /** `mine`: lessons whose files are here. A lock on their jobs was left by a process that is gone. */
  async start(mine: readonly string[]): Promise<void> {
    await this.#agenda.ready;
    const jobs = this.#database.collection(COLLECTION);
    await jobs.updateMany({ 'data.lesson': { $in: [...mine] } }, { $set: { lockedAt: null } });
    await this.#agenda.start();
  }

  /** Once for each lesson and kind, however often it is called. */
  async schedule(lesson: string, kind: JobKind): Promise<void> {
    await this.#agenda
      .create(JOB, { lesson, kind })
      .unique({ 'data.lesson': lesson, 'data.kind': kind })
      .priority(PRIORITY[kind])
      .schedule(new Date())
      .save();
  }

  /** Takes a lesson's jobs out of the queue: there is nothing left to make anything of. */
  async forget(lesson: string): Promise<void> {
    await this.#database.collection(COLLECTION).deleteMany({ 'data.lesson': lesson });
  }

  /** Stops the job under way; it is not lost, its recording says that it is unfinished. */
  async close(): Promise<void> {
    this.#stopping.abort(new Error('The recorder is closing'));
    await this.#agenda.stop(false);
    await this.#turn;
    await this.#noted;
  }

  async #perform(job: Job<unknown>, run: RenditionJobsOptions['run'], log: RecorderLog): Promise<void> {
    const { lesson, kind } = JobData.parse(job.attrs.data);
    const touching = setInterval(() => {
      job
        .touch()
        .catch((error: unknown) => log.warn({ err: error, lesson, kind }, 'a job’s lock was not renewed'));
    }, TOUCH_MS);
    // After a stalled database the queue may hand out a job again that is still under way here: one at a time.
    const work = this.#turn.then(() => run(lesson, kind, this.#stopping.signal));
    this.#turn = work.catch(() => undefined); // told to the queue below
    try {
      const again = await work;
      this.#stopping.signal.throwIfAborted();
      if (again !== null) throw new TryAgain(again);
    } finally {
      clearInterval(touching);
    }
  }
}
