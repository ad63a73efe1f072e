import type { Server } from 'socket.io';
import type { LogEntry } from '../../protocol/events.ts';
import type { ClientToServer, Notice, ServerToClient } from '../../protocol/requests.ts';
import type { Pace } from '../lessons/media-notice.ts';
import { Broadcast } from './broadcast.ts';
import type { FanOut } from './fan-out.ts';
import type { Feeds } from './feeds.ts';
import { everyoneIn, fedIn, pacedIn } from './rooms.ts';

type Io = Pick<Server<ClientToServer, ServerToClient>, 'to' | 'in'>;

/** Voice levels reach a thin link this often: they are a hint, and each costs as much as a stroke. */
const LEVELS_EVERY_MS = 2_000;

/** What waits for those of a lesson who get its entries at one pace. */
interface Batch {
  waiting: LogEntry[];
  timer: NodeJS.Timeout | undefined;
}

/**
 * Entries to everyone at once, but to thin links in batches: there each message costs more in headers than in ink.
 * Every batch is encoded once for all who get it.
 */
export class Pacing {
  readonly #io: Io;
  readonly #fanOut: FanOut;
  /** One coding for each room: those in it have been told the same. */
  readonly #atOnce: Broadcast;
  readonly #paced = new Map<number, Broadcast>();
  /** By lesson and milliseconds. */
  readonly #paces = new Map<string, Map<number, Batch>>();
  readonly #levelsAt = new Map<string, number>();
  readonly #feeds: Feeds;

  constructor(io: Io, fanOut: FanOut, feeds: Feeds) {
    this.#io = io;
    this.#feeds = feeds;
    this.#fanOut = fanOut;
    this.#atOnce = new Broadcast((lesson, bytes) => {
      fanOut.send(everyoneIn(lesson), this.#slowRooms(lesson), bytes);
    });
  }

  pace(lesson: string, connection: string, { everyMs, feed }: Pace): void {
    this.#feeds.leave(lesson, connection);
    // What waits goes first: nobody may see later entries before earlier ones.
    for (const slow of this.#paces.get(lesson)?.keys() ?? []) this.#flush(lesson, slow);
    this.#io.in(connection).socketsLeave(this.#slowRooms(lesson));
    this.audienceChanged(lesson);
    if (feed !== null) {
      this.#io.in(connection).socketsJoin(fedIn(lesson));
      this.#feeds.join(lesson, connection, feed);
      return;
    }
    if (everyMs === 0) return;
    this.#io.in(connection).socketsJoin(pacedIn(lesson, everyMs));
    const paces = this.#paces.get(lesson) ?? new Map<number, Batch>();
    this.#paces.set(lesson, paces);
    if (!paces.has(everyMs)) paces.set(everyMs, { waiting: [], timer: undefined });
  }

  /** Someone came, who knows nothing of what was told before; or someone left. */
  audienceChanged(lesson: string): void {
    for (const broadcast of [this.#atOnce, ...this.#paced.values()]) broadcast.audienceChanged(lesson);
  }

  send(lesson: string, entries: readonly LogEntry[]): void {
    const paces = this.#paces.get(lesson);
    this.#atOnce.send(lesson, entries);
    this.#feeds.send(lesson, entries);
    for (const [everyMs, pace] of paces ?? []) {
      pace.waiting.push(...entries);
      pace.timer ??= setTimeout(() => this.#flush(lesson, everyMs), everyMs).unref();
    }
    if (entries.some(({ event }) => event.type === 'lesson.ended')) this.#end(lesson);
  }

  sendLevels(lesson: string, notice: Extract<Notice, { type: 'levels' }>): void {
    const now = performance.now();
    const slow = this.#slowRooms(lesson);
    const due = now - (this.#levelsAt.get(lesson) ?? 0) >= LEVELS_EVERY_MS;
    if (due) this.#levelsAt.set(lesson, now);
    this.#io
      .to(everyoneIn(lesson))
      .except(due ? [] : slow)
      .volatile.emit('notice', notice);
  }

  #broadcastEvery(everyMs: number): Broadcast {
    const known = this.#paced.get(everyMs);
    if (known) return known;
    const made = new Broadcast((lesson, bytes) => {
      this.#fanOut.send(pacedIn(lesson, everyMs), [], bytes);
    });
    this.#paced.set(everyMs, made);
    return made;
  }

  #slowRooms(lesson: string): string[] {
    const paces = this.#paces.get(lesson)?.keys() ?? [];
    return [fedIn(lesson), ...[...paces].map((everyMs) => pacedIn(lesson, everyMs))];
  }

  #flush(lesson: string, everyMs: number): void {
    const pace = this.#paces.get(lesson)?.get(everyMs);
    if (!pace) return;
    clearTimeout(pace.timer);
    pace.timer = undefined;
    const entries = pace.waiting.splice(0);
    if (entries.length > 0) this.#broadcastEvery(everyMs).send(lesson, entries);
  }

  #end(lesson: string): void {
    for (const everyMs of this.#paces.get(lesson)?.keys() ?? []) this.#flush(lesson, everyMs);
    this.#paces.delete(lesson);
    this.#feeds.end(lesson);
    this.#levelsAt.delete(lesson);
  }
}
