import { MongoBackend } from '@agendajs/mongo-backend';
import { Agenda } from 'agenda';
import type { Db } from 'mongodb';
import type { RecordingsApi } from '../../protocol/recording.ts';
import type { LessonRecords } from '../lessons/record.ts';
import type { Log } from '../log.ts';
import { writeAudit } from '../store/audit.ts';
import { allStorageRules, keptLessons } from '../store/school-storage.ts';
import { readSetting, writeSetting } from '../store/settings.ts';
import type { BelievedClock } from './believed-clock.ts';
import type { Deletion } from './deletion.ts';

const COLLECTION = 'nightlyJobs';
const JOB = 'retention';
/** When nobody teaches, in the time zone the server runs in. */
const NIGHTLY = '30 2 * * *';
const POLL_MS = 60_000;
const DAY_MS = 86_400_000;
/** When it last ran to its end, wall time in ms. */
const LAST_RUN = 'retention-ran-at';

export interface RetentionOptions {
  readonly recordings: Pick<RecordingsApi, 'space' | 'remove'>;
  readonly records: Pick<LessonRecords, 'find'>;
  readonly deletion: Pick<Deletion, 'delete'>;
  readonly clock: Pick<BelievedClock, 'now'>;
  readonly log: Log;
}

/** Deletes, night by night, what schools have said they do not keep for longer. */
export class Retention {
  readonly #options: RetentionOptions;
  #agenda: Agenda | null = null;
  /** Resolves when a night that was missed has been made up for. Never rejects. */
  madeUp: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  /** A night in which the server was off is made up for now: where it always is, nothing would ever be deleted. */
  async start(database: Db): Promise<void> {
    const agenda = new Agenda({
      backend: new MongoBackend({ mongo: database, collection: COLLECTION }),
      processEvery: POLL_MS,
    });
    this.#agenda = agenda;
    const { log } = this.#options;
    agenda.on('error', (error: Error) => log.error({ err: error }, 'the nightly jobs'));
    agenda.define(JOB, () => this.#night());
    await agenda.start();
    await agenda.every(NIGHTLY, JOB, undefined, { skipImmediate: true });
    const last = Number(await readSetting(LAST_RUN));
    if (Date.now() - last <= DAY_MS) return;
    this.madeUp = this.#night().catch((error: unknown) =>
      log.error({ err: error }, 'a missed night could not be made up for'),
    );
  }

  /** Deletes what is too old at `now` (wall time, ms). What fails is told in the log and tried again the next night. */
  async run(now: number): Promise<void> {
    for (const { id, rules } of await allStorageRules()) {
      const { allDays, pictureDays } = rules;
      if (allDays !== null)
        await this.#each(id, now - allDays * DAY_MS, 'replay.expire', (lesson) => this.#deleteAll(lesson));
      if (pictureDays !== null)
        await this.#each(id, now - pictureDays * DAY_MS, 'picture.expire', (lesson) =>
          this.#deletePicture(lesson),
        );
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#agenda?.stop(false);
    await this.madeUp;
  }

  async #night(): Promise<void> {
    const now = await this.#options.clock.now();
    if (now === null) {
      this.#options.log.warn(
        {},
        'the clock has leapt: nothing is deleted for being too old before it has gone on for a day',
      );
      return;
    }
    await this.run(now);
    if (!this.#closed) await writeSetting(LAST_RUN, String(now));
  }

  async #each(
    school: string,
    before: number,
    action: string,
    remove: (lesson: string) => Promise<boolean>,
  ): Promise<void> {
    for (const lesson of await keptLessons(school, new Date(before))) {
      if (this.#closed) return;
      try {
        if (await remove(lesson)) await writeAudit({ action, target: lesson, outcome: 'ok' });
      } catch (error) {
        this.#options.log.warn({ err: error, lesson, action }, 'a replay that is too old was not deleted');
      }
    }
  }

  async #deleteAll(lesson: string): Promise<boolean> {
    const record = await this.#options.records.find(lesson);
    return record !== null && (await this.#options.deletion.delete(record));
  }

  /** False where there is none any more. */
  async #deletePicture(lesson: string): Promise<boolean> {
    const { recordings } = this.#options;
    if (((await recordings.space(lesson))?.picture ?? 0) === 0) return false;
    await recordings.remove(lesson, 'picture');
    return true;
  }
}
