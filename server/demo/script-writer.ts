import type { Brush, LessonEvent, LogEntry, Participant, Stream } from '../../protocol/events.ts';
import { encodeInk, type InkPoint } from '../../protocol/ink.ts';
import { drawLine, type Handwriting, type Spot, writeText } from './handwriting.ts';

/** Something said in a lesson. */
export interface Utterance {
  readonly participant: string;
  /** Lesson time, ms. */
  readonly at: number;
  readonly text: string;
}

/** Pens send what they have drawn this often, ms, as the board does. */
const BATCH_MS = 120;
/** How long one syllable takes, ms; what is said and what it is said in agree on it. */
export const SYLLABLE_MS = 230;
/** Between sentences, ms. */
const BREATH_MS = 500;

/** How long a text takes to say, ms: a Chinese character is a syllable, a comma a short rest. */
export function speakingTime(text: string): number {
  return Array.from(text).length * SYLLABLE_MS + BREATH_MS;
}

/** Plays a lesson through, with a clock of its own, and writes down what happens as a log would. */
export class ScriptWriter {
  readonly utterances: Utterance[] = [];
  readonly #lead: string;
  readonly #happened: { t: number; actor: string | undefined; event: LessonEvent }[] = [];
  #now = 0;
  #strokes = 0;
  #page = 'page1';
  #seed: number;

  constructor(lead: string, seed: number) {
    this.#lead = lead;
    this.#seed = seed;
  }

  /** Lesson time, ms. */
  get now(): number {
    return this.#now;
  }

  wait(ms: number): void {
    this.#now += ms;
  }

  /** Of the server, or of whom it says. */
  note(event: LessonEvent, actor?: string): void {
    this.#happened.push({ t: this.#now, actor, event });
  }

  join(participant: Participant): void {
    this.note({ type: 'participant.joined', participant });
  }

  open(stream: Stream): void {
    this.note({ type: 'stream.opened', stream }, stream.participant);
  }

  /** Waits until it is said. */
  say(text: string, participant = this.#lead): void {
    this.#now += this.sayAlong(text, participant);
  }

  /** Goes on at once: what is written meanwhile is written while it is said. Returns how long it takes, ms. */
  sayAlong(text: string, participant = this.#lead): number {
    this.utterances.push({ participant, at: this.#now, text });
    return speakingTime(text);
  }

  addPage(id: string, kind: 'blank' | 'grid'): void {
    this.note({ type: 'page.added', page: { id, kind }, after: this.#page }, this.#lead);
    this.#page = id;
  }

  turnTo(page: string): void {
    this.note({ type: 'page.turned', page }, this.#lead);
    this.#page = page;
  }

  undo(times: number): void {
    for (let n = 0; n < times; n++) {
      this.note({ type: 'ink.undone', page: this.#page }, this.#lead);
      this.wait(350);
    }
  }

  /** Returns how many strokes it took. */
  write(text: string, at: Spot, size: number, brush: Brush): number {
    return this.draw(writeText(text, { ...at, size, seed: this.#seed++ }), brush);
  }

  /** A number over another. `at`: left end of the bar. */
  fraction(above: string, below: string, at: Spot, size: number, brush: Brush): number {
    const width = size * 0.9;
    const left = at.x + width * 0.28;
    const over = this.write(above, { x: left, y: at.y - size * 1.05 }, size, brush);
    const bar = this.line(at, { x: at.x + width, y: at.y - 2 }, brush);
    return over + bar + this.write(below, { x: left, y: at.y + size * 0.08 }, size, brush);
  }

  line(from: Spot, to: Spot, brush: Brush): number {
    return this.draw(drawLine(from, to, { seed: this.#seed++ }), brush);
  }

  draw({ strokes, duration }: Handwriting, brush: Brush): number {
    const begun = this.#now;
    for (const stroke of strokes) {
      this.#now = begun + Math.round(stroke.start);
      this.#stroke(stroke.points, brush);
    }
    this.#now = begun + Math.round(duration) + 250;
    return strokes.length;
  }

  /** A trace that fades, around a place. */
  point({ strokes }: Handwriting): void {
    const begun = this.#now;
    for (const { start, points } of strokes) {
      for (const batch of batches(points)) {
        this.#now = begun + Math.round(start) + (batch.at(-1)?.[2] ?? 0);
        this.note(
          { type: 'laser.moved', page: this.#page, data: encodeInk([], fromZero(batch)) },
          this.#lead,
        );
      }
    }
    this.wait(400);
  }

  /** Everything that happened, in order. */
  entries(): LogEntry[] {
    const ordered = this.#happened.toSorted((a, b) => a.t - b.t);
    return ordered.map(({ t, actor, event }, index) => ({ seq: index + 1, t, actor, event }));
  }

  #stroke(points: readonly InkPoint[], brush: Brush): void {
    const stroke = `demo${++this.#strokes}`;
    const begun = this.#now;
    let sent = 0;
    for (const batch of batches(points)) {
      this.#now = begun + (batch.at(-1)?.[2] ?? 0);
      const first = sent === 0 ? { page: this.#page, brush } : {};
      const data = encodeInk(points.slice(0, sent), batch);
      sent += batch.length;
      const done = sent === points.length ? { done: true as const } : {};
      this.note({ type: 'ink.drawn', stroke, ...first, data, ...done }, this.#lead);
    }
  }
}

/** Points by the batch in which a pen would send them. */
function batches(points: readonly InkPoint[]): InkPoint[][] {
  const grouped: InkPoint[][] = [];
  let current: InkPoint[] = [];
  let until = BATCH_MS;
  for (const point of points) {
    while (point[2] >= until) {
      if (current.length > 0) grouped.push(current);
      current = [];
      until += BATCH_MS;
    }
    current.push(point);
  }
  return current.length > 0 ? [...grouped, current] : grouped;
}

/** A trace's batch counts from its own first point. */
function fromZero(points: readonly InkPoint[]): InkPoint[] {
  const start = points[0]?.[2] ?? 0;
  return points.map(([x, y, t, pressure]) => [x, y, t - start, pressure]);
}
