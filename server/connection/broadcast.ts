import { EntriesEncoder } from '../../protocol/entries-line.ts';
import type { LogEntry } from '../../protocol/events.ts';

/**
 * Entries on their way to everyone in a lesson, coded once for all. An encoder refers to what it has told before, so
 * that it serves only those who have been there since it was made: whenever someone comes, a new one takes its place.
 */
export class Broadcast {
  readonly #send: (lesson: string, bytes: Uint8Array) => void;
  readonly #encoders = new Map<string, EntriesEncoder>();

  constructor(send: (lesson: string, bytes: Uint8Array) => void) {
    this.#send = send;
  }

  send(lesson: string, entries: readonly LogEntry[]): void {
    const encoder = this.#encoders.get(lesson) ?? new EntriesEncoder();
    this.#encoders.set(lesson, encoder);
    this.#send(lesson, encoder.encode(entries));
  }

  /** Someone came, and knows nothing of what was told before; or someone left, perhaps the last. */
  audienceChanged(lesson: string): void {
    this.#encoders.delete(lesson);
  }
}
