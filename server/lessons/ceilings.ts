import { type Ceiling, holdsAt } from '../../protocol/ceilings.ts';
import type { LinkChoice } from '../../protocol/link.ts';
import type { Log } from '../log.ts';

/** Voice and ink come through whatever a school is divided by: a lesson of which nothing is heard saves nothing. */
const LEAST_SHARE_KBPS = 32;

/**
 * What is set for a participant: their own ceiling, where they are a room, and their school's; `allowed`: the most that
 * they may be given.
 */
export interface SetCeilings {
  readonly school: string;
  readonly own: Ceiling | null;
  readonly ofSchool: Ceiling | null;
  readonly allowed: LinkChoice;
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

  /** What may be sent to somebody who receives, kbit/s; null where nothing holds at this time. */
  kbps(participant: string, now = new Date()): number | null {
    const set = this.#receiving.get(participant)?.set;
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
    await Promise.all([...this.#receiving.keys()].map((participant) => this.#read(participant)));
  }

  #share(school: string, kbps: number): number {
    const sharing = [...this.#receiving.values()].filter(({ set }) => set?.school === school).length;
    return Math.min(kbps, Math.max(LEAST_SHARE_KBPS, Math.floor(kbps / Math.max(1, sharing))));
  }

  async #read(participant: string): Promise<void> {
    try {
      const set = await this.#records.ceilingsOf(participant);
      const known = this.#receiving.get(participant);
      if (known) known.set = set;
    } catch (err) {
      // What was known before goes on holding; a lesson is not stopped for it.
      this.#log.warn({ err, participant }, 'a ceiling could not be read');
    }
  }
}
