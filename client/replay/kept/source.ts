import { z } from 'zod';
import { type ErrorCode, TongkeError } from '../../../protocol/errors.ts';
import type { LogEntry } from '../../../protocol/events.ts';
import type { Replay, ReplayLog } from '../../../protocol/replay.ts';
import { NetworkError } from '../../api.ts';
import type { ReplaySource } from '../loader.ts';
import { type Keeper, LOG, versionOf } from './keeper.ts';
import { renew } from './renew.ts';
import type { KeptRecord } from './shelf.ts';

/** Checked when it came, and written by nobody since. */
const Entries = z.custom<LogEntry[]>(Array.isArray);

/** Answers that are as good as none. */
const IS_AWAY: ReadonlySet<ErrorCode> = new Set(['database_unavailable', 'shutting_down', 'internal']);

/** The server is waited for so long where the lesson is here too, ms. */
const PATIENCE_MS = 4_000;

/** The server's replays, and this device's where the server cannot be reached, or where the two are the same. */
export class KeptFirstSource implements ReplaySource {
  readonly #server: ReplaySource;
  readonly #keeper: Keeper;
  /** What is shown comes from this device alone. */
  away = false;

  constructor(server: ReplaySource, keeper: Keeper) {
    this.#server = server;
    this.#keeper = keeper;
  }

  async show(lesson: string): Promise<Replay> {
    const record = await this.#keeper.shelf.record(lesson);
    try {
      const replay = await this.#ask(lesson, record);
      this.away = false;
      return replay;
    } catch (error) {
      if (!record || (error instanceof TongkeError && !IS_AWAY.has(error.code))) throw error;
      const kept = await this.#manifest(record);
      if (!kept) throw error;
      this.away = true;
      return kept;
    }
  }

  async log(replay: Replay, after: number): Promise<ReplayLog> {
    const record = await this.#keeper.shelf.record(replay.lesson);
    const isSame = record !== null && (this.away || record.version === versionOf(replay));
    const entries = isSame ? await this.#entries(replay.lesson) : null;
    return entries ? { entries } : this.#server.log(replay, after);
  }

  /** Asks of everything that is kept whether it may still be watched; what may not is removed. Never rejects. */
  async tidy(): Promise<void> {
    for (const { lesson } of await this.#keeper.shelf.records()) await this.show(lesson).catch(() => {}); // shown when it is watched
  }

  /** A link that only hangs is as good as none where the lesson is here. */
  async #ask(lesson: string, record: KeptRecord | null): Promise<Replay> {
    const answer = this.#heed(lesson, this.#server.show(lesson));
    if (record?.state !== 'kept') return answer;
    answer.catch(() => {}); // too late to be of interest
    const late = new Promise<never>((_, reject) => {
      setTimeout(() => reject(new NetworkError('no answer yet')), navigator.onLine ? PATIENCE_MS : 0);
    });
    return Promise.race([answer, late]);
  }

  /** What the server says of a lesson goes for what is kept of it, however late it is said. */
  async #heed(lesson: string, answer: Promise<Replay>): Promise<Replay> {
    try {
      const replay = await answer;
      const record = await this.#keeper.shelf.record(lesson);
      if (record && record.version !== versionOf(replay)) await this.#keeper.drop(lesson);
      else if (record) await renew(this.#keeper, replay);
      return replay;
    } catch (error) {
      if (error instanceof TongkeError && isOver(error)) await this.#keeper.remove(lesson);
      throw error;
    }
  }

  /** As it was kept: what was not kept is not offered. */
  async #manifest({ lesson, keeping, state }: KeptRecord): Promise<Replay | null> {
    const replay = await this.#keeper.manifest(lesson);
    if (!replay) return null;
    const renditions = replay.renditions.filter(({ kind }) => kind === keeping.watching && state === 'kept');
    // Nothing more is being made as far as this device can tell.
    return { ...replay, renditions, state: { voice: 'ready', picture: 'ready', progress: 1 } };
  }

  async #entries(lesson: string): Promise<LogEntry[] | null> {
    const response = await this.#keeper.shelf.read(lesson, LOG);
    if (!response?.body) return null;
    const text = await new Response(response.body.pipeThrough(new DecompressionStream('gzip'))).text();
    const entries = Entries.safeParse(JSON.parse(text));
    if (!entries.success) throw new NetworkError('The kept log cannot be read');
    return entries.data;
  }
}

/** What the server says when a lesson is no longer there, or this person's to watch. */
function isOver({ code }: TongkeError): boolean {
  return code === 'not_found' || code === 'forbidden' || code === 'replay_deleted';
}
