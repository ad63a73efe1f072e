import type { RecordingsApi } from '../../protocol/recording.ts';
import { GIGABYTE } from '../../protocol/storage-rules.ts';
import type { Log } from '../log.ts';
import { allStorageRules } from '../store/school-storage.ts';
import { bytesOf, spaceOf } from './space.ts';

/** A lesson's pictures are a gigabyte an hour at most: no school outgrows its space unseen in this time. Milliseconds. */
const WEIGH_MS = 10 * 60_000;

export interface QuotasOptions {
  readonly recordings: Pick<RecordingsApi, 'space'>;
  readonly log: Log;
}

interface Standing {
  readonly used: number;
  readonly quota: number;
}

/**
 * How schools stand with the space that their recordings may take. Weighed now and then, so that a lesson that begins, or a
 * page that is opened, need not wait for it.
 */
export class Quotas {
  readonly #options: QuotasOptions;
  readonly #timer: NodeJS.Timeout;
  #standings: ReadonlyMap<string, Standing> = new Map();
  #turn: Promise<void> = Promise.resolve();

  constructor(options: QuotasOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.weigh(), WEIGH_MS);
    void this.weigh();
  }

  /** The part of its space that a school has used; null where it has all there is. */
  shareOf(school: string): number | null {
    const standing = this.#standings.get(school);
    return standing ? standing.used / standing.quota : null;
  }

  /** Whether so many bytes more are within a school's space. */
  fits(school: string, bytes = 0): boolean {
    const standing = this.#standings.get(school);
    return !standing || standing.used + bytes < standing.quota;
  }

  /** Never rejects: what was weighed last holds on. */
  weigh(): Promise<void> {
    this.#turn = this.#turn.then(async () => {
      try {
        this.#standings = await this.#weighAll();
      } catch (error) {
        this.#options.log.warn({ err: error }, 'what schools have recorded could not be weighed');
      }
    });
    return this.#turn;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#turn;
  }

  async #weighAll(): Promise<Map<string, Standing>> {
    const standings = new Map<string, Standing>();
    for (const { id, rules } of await allStorageRules()) {
      if (rules.quotaGb === null) continue;
      const used = bytesOf(await spaceOf(this.#options.recordings, id));
      standings.set(id, { used, quota: rules.quotaGb * GIGABYTE });
    }
    return standings;
  }
}
