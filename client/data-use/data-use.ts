import { z } from 'zod';
import { Listeners } from '../listeners.ts';
import { remember, remembered } from '../ui/remember.ts';

/** Bytes, as far as the page knows them: what goes around a packet is not among them. */
export interface Traffic {
  readonly received: number;
  readonly sent: number;
}

const Bytes = z.number().min(0);
const Counted = z.object({ received: Bytes, sent: Bytes });
/** By day where the device is (`2026-03-04`), and by lesson, with when it was last counted. */
const Kept = z.object({
  days: z.record(z.string(), Counted).default({}),
  lessons: z.record(z.string(), Counted.extend({ at: z.number() })).default({}),
});
type Kept = z.infer<typeof Kept>;

const KEY = 'dataUse';
/** This month and the one before. */
const DAYS = 62;
const LESSONS = 10;
/** What a power cut may take from the count, and how often who shows it is told, ms. */
const KEEP_EVERY_MS = 3_000;

export const NOTHING: Traffic = { received: 0, sent: 0 };

export interface DataUseOptions {
  read(): string | null;
  write(text: string): void;
  now(): Date;
}

/** What this device has moved over its link: in a lesson, this day and this month. Tabs add to one count. */
export class DataUse {
  readonly #options: DataUseOptions;
  readonly #listeners = new Listeners();
  /** Counted and not yet kept; the empty name: outside of any lesson. */
  readonly #pending = new Map<string, Traffic>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #version = 0;
  /** What was read last: it is shown far more often than it changes. */
  #known: { readonly text: string; readonly kept: Kept } | null = null;

  constructor(options: DataUseOptions) {
    this.#options = options;
  }

  add(traffic: Traffic, lesson = ''): void {
    if (traffic.received <= 0 && traffic.sent <= 0) return;
    this.#pending.set(lesson, plus(this.#pending.get(lesson) ?? NOTHING, traffic));
    this.#timer ??= setTimeout(() => this.flush(), KEEP_EVERY_MS);
  }

  /** Keeps what was counted. Read anew first: other tabs have added theirs. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#pending.size > 0) {
      const { days, lessons } = structuredClone(this.#read());
      const now = this.#options.now();
      const day = dayOf(now);
      for (const [lesson, traffic] of this.#pending) {
        days[day] = plus(days[day] ?? NOTHING, traffic);
        if (lesson) lessons[lesson] = { ...plus(lessons[lesson] ?? NOTHING, traffic), at: +now };
      }
      this.#pending.clear();
      this.#options.write(JSON.stringify(trimmed({ days, lessons })));
    }
    this.#version += 1;
    this.#listeners.tell();
  }

  today(): Traffic {
    return this.#read().days[dayOf(this.#options.now())] ?? NOTHING;
  }

  month(): Traffic {
    const month = dayOf(this.#options.now()).slice(0, 7);
    const days = Object.entries(this.#read().days).filter(([day]) => day.startsWith(month));
    return days.reduce((sum, [, traffic]) => plus(sum, traffic), NOTHING);
  }

  ofLesson(lesson: string): Traffic {
    return plus(NOTHING, this.#read().lessons[lesson] ?? NOTHING);
  }

  /** Another number whenever there is something new to show. */
  readonly version = (): number => this.#version;

  readonly subscribe = this.#listeners.add;

  #read(): Readonly<Kept> {
    const text = this.#options.read() ?? '{}';
    if (text !== this.#known?.text) this.#known = { text, kept: parsed(text) };
    return this.#known.kept;
  }
}

function parsed(text: string): Kept {
  try {
    return Kept.parse(JSON.parse(text));
  } catch {
    return { days: {}, lessons: {} }; // not written by this version: counted from here on
  }
}

export function totalOf({ received, sent }: Traffic): number {
  return received + sent;
}

function plus(a: Traffic, b: Traffic): Traffic {
  return { received: a.received + b.received, sent: a.sent + b.sent };
}

function trimmed({ days, lessons }: Kept): Kept {
  const latest = Object.entries(lessons).toSorted(([, a], [, b]) => b.at - a.at);
  const byDay = Object.entries(days).toSorted(([a], [b]) => b.localeCompare(a));
  return {
    days: Object.fromEntries(byDay.slice(0, DAYS)),
    lessons: Object.fromEntries(latest.slice(0, LESSONS)),
  };
}

function dayOf(date: Date): string {
  const two = (n: number) => String(n).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** This device's. */
export const dataUse = new DataUse({
  read: () => remembered(KEY),
  write: (text) => remember(KEY, text),
  now: () => new Date(),
});

if (typeof addEventListener === 'function') addEventListener('pagehide', () => dataUse.flush());
