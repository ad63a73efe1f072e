import { type Ceiling, holdsAt } from '../../protocol/ceilings.ts';
import type { LinkChoice } from '../../protocol/link.ts';
import type { Log } from '../log.ts';

/** Voice and ink come through whatever a school is divided by: a lesson of which nothing is heard saves nothing. */
const LEAST_SHARE_KBPS = 32;
/** A room's screen fetches one file after another: between them it is still there. */
const FETCHING_MS = 60_000;

/**
 * What is set for a participant: their own ceiling, where they are a room, and their school's; `allowed`: the most that
 * they may be given.
 */
export interface SetCeilings {
  readonly school: string;
  readonly own: Ceiling | null;
  readonly ofSchool: Ceiling | null;
  readonly allowed: LinkChoice;
  readonly isRoom: boolean;
}

/** A file that is under way. */
export interface Begun {
  /** Resolves once it is known what holds for it. */
  readonly known: Promise<void>;
  end(): void;
}

/** Files that somebody fetches; `set`: theirs, where they are a room. */
interface Fetches {
  set: SetCeilings | null;
  count: number;
  timer: NodeJS.Timeout | undefined;
}

export interface CeilingRecords {
  /** Null for somebody unknown. */
  ceilingsOf(participant: string): Promise<SetCeilings | null>;
}

/**
 * What technicians allow the lines of rooms and schools to carry, and rooms to be given. A school's ceiling is for all
 * who receive there at once, in whatever lessons, and is divided evenly: it is one line that they share.
 */
export class Ceilings {
  readonly #records: CeilingRecords;
  readonly #log: Log;
  /** By participant: what is set, and over how many transports they receive. */
  readonly #receiving = new Map<string, { set: SetCeilings | null; count: number }>();
  /** Rooms that fetch files outside a lesson. */
  readonly #fetching = new Map<string, Fetches>();

  constructor(records: CeilingRecords, log: Log) {
    this.#records = records;
    this.#log = log;
  }

  /** Until what is set has been read, nothing is limited: the ladder begins at voice and ink. */
  arrived(participant: string): void {
    const known = this.#receiving.get(participant);
    if (known) known.count += 1;
    else {
      this.#receiving.set(participant, { set: null, count: 1 });
      void this.#read(participant);
    }
  }

  departed(participant: string): void {
    const known = this.#receiving.get(participant);
    if (known && --known.count <= 0) this.#receiving.delete(participant);
  }

  /** A file goes to somebody. A room's ceiling holds outside lessons, too; nobody else's line is known to be the school's. */
  fetching(participant: string): Begun {
    const fetches = this.#fetching.get(participant) ?? { set: null, count: 0, timer: undefined };
    this.#fetching.set(participant, fetches);
    clearTimeout(fetches.timer);
    fetches.count += 1;
    return {
      known: fetches.set ? Promise.resolve() : this.#readFetching(participant),
      end: () => {
        fetches.count -= 1;
        if (fetches.count > 0) return;
        fetches.timer = setTimeout(() => this.#fetching.delete(participant), FETCHING_MS).unref();
      },
    };
  }

  /** What may be sent to somebody who receives or fetches, kbit/s; null where nothing holds at this time. */
  kbps(participant: string, now = new Date()): number | null {
    const set = this.#receiving.get(participant)?.set ?? this.#fetching.get(participant)?.set;
    if (!set) return null;
    const { own, ofSchool, school } = set;
    const minute = now.getHours() * 60 + now.getMinutes();
    const limits = [
      ...(own && holdsAt(own, minute) ? [own.kbps] : []),
      ...(ofSchool && holdsAt(ofSchool, minute) ? [this.#share(school, ofSchool.kbps)] : []),
    ];
    return limits.length > 0 ? Math.min(...limits) : null;
  }

  /** The most that somebody who receives may be given, whatever their link carries. */
  allowed(participant: string): LinkChoice {
    return this.#receiving.get(participant)?.set?.allowed ?? 'all';
  }

  /** Someone has set another: whoever receives is measured by it from the next step of their ladder. */
  async changed(): Promise<void> {
    await Promise.all([
      ...[...this.#receiving.keys()].map((participant) => this.#read(participant)),
      ...[...this.#fetching.keys()].map((participant) => this.#readFetching(participant)),
    ]);
  }

  #share(school: string, kbps: number): number {
    const receiving = [...this.#receiving.values()].filter(({ set }) => set?.school === school).length;
    const fetching = [...this.#fetching].filter(
      ([participant, { set }]) => set?.school === school && !this.#receiving.has(participant),
    ).length;
    const sharing = receiving + fetching;
    return Math.min(kbps, Math.max(LEAST_SHARE_KBPS, Math.floor(kbps / Math.max(1, sharing))));
  }

  async #read(participant: string): Promise<void> {
    const set = await this.#readOne(participant);
    const known = this.#receiving.get(participant);
    if (known && set !== undefined) known.set = set;
  }

  async #readFetching(participant: string): Promise<void> {
    const set = await this.#readOne(participant);
    const known = this.#fetching.get(participant);
    if (known && set !== undefined) known.set = set?.isRoom ? set : null;
  }

  async #readOne(participant: string): Promise<SetCeilings | null | undefined> {
    try {
      return await this.#records.ceilingsOf(participant);
    } catch (err) {
      // What was known before goes on holding; a lesson is not stopped for it.
      this.#log.warn({ err, participant }, 'a ceiling could not be read');
      return undefined;
    }
  }
}
