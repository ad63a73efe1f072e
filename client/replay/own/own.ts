import type { Localised } from '../../../protocol/common.ts';
import { type ErrorCode, isPassing, TongkeError } from '../../../protocol/errors.ts';
import {
  type Note,
  type Question,
  type Report,
  STALEST_MS,
  type Stretch,
  union,
  type Watching,
} from '../../../protocol/watching.ts';
import { Listeners } from '../../listeners.ts';
import { type Kept, type Operation, readKept } from './kept.ts';

/** The server's side of it, as `client/api.ts` asks it. Rejects with a TongkeError, or anything else for a lost link. */
export interface OwnCalls {
  show(): Promise<Watching>;
  /** `last`: the page is going away. */
  report(report: Report, last: boolean): Promise<unknown>;
  run(operation: Operation): Promise<unknown>;
}

export interface OwnView {
  /** Where to go on, lesson time; null where one has not begun. */
  readonly position: number | null;
  readonly watched: readonly Stretch[];
  readonly notes: readonly Note[];
  readonly questions: readonly Question[];
  /** Ids of what the server does not have yet. */
  readonly unsent: ReadonlySet<string>;
  /** Why the server did not take it, by id. */
  readonly refused: ReadonlyMap<string, ErrorCode>;
  /** The server has been heard since this was opened. */
  readonly known: boolean;
}

export interface OwnOptions {
  readonly me: { readonly id: string; readonly name: Localised };
  readonly calls: OwnCalls;
  /** Where it lies on this device, for every tab of it. */
  readonly storage: { read(): string | null; write(text: string): void };
}

/**
 * One's own in a lesson: place, what was watched, notes, questions. Written on this device before anything else, and
 * sent when the server can be reached: a note taken without a network is as safe as any other. Framework-free.
 */
export class Own {
  readonly #options: OwnOptions;
  readonly #listeners = new Listeners();
  #kept: Kept;
  #known = false;
  #view: OwnView;
  #sending: Promise<void> | null = null;
  /** On its way to the server. */
  #current: Operation | null = null;

  constructor(options: OwnOptions) {
    this.#options = options;
    this.#kept = readKept(options.storage.read());
    this.#view = this.#see();
  }

  readonly view = (): OwnView => this.#view;

  readonly subscribe = this.#listeners.add;

  /** Asks the server, after telling it what it does not know. Never rejects: without a link, what is here is what there is. */
  async load(): Promise<void> {
    await this.send();
    try {
      const { position, watched, notes, questions } = await this.#options.calls.show();
      this.#known = true;
      this.#keep(({ position: here }) => ({
        position: here && !here.sent ? here : position && { ...position, sent: true },
        last: { watched, notes, questions },
      }));
    } catch (error) {
      if (!isRefusalOrLink(error)) throw error;
    }
  }

  /** Another tab has written. */
  readonly look = (): void => this.#show(readKept(this.#options.storage.read()));

  note(id: string, t: number, text: string): void {
    this.#do({ kind: 'note', id, t, text });
  }

  forget(id: string): void {
    this.#do({ kind: 'forget', id });
  }

  ask(id: string, t: number, text: string): void {
    this.#do({ kind: 'ask', id, t, text });
  }

  withdraw(id: string): void {
    this.#do({ kind: 'withdraw', id });
  }

  answer(id: string, text: string): void {
    this.#do({ kind: 'answer', id, text });
  }

  /** Where one is, and what was played since: kept here, sent with the next `send`. */
  place(t: number, watched: readonly Stretch[]): void {
    const at = Math.round(t);
    if (watched.length === 0 && this.#kept.position?.t === at) return;
    this.#keep(({ stretches }) => ({
      position: { t: at, at: Date.now(), sent: false },
      stretches: union(stretches, watched),
    }));
  }

  /** Sends what waits, in its order; what is under way is waited for. Never rejects. */
  send(last = false): Promise<void> {
    this.#sending ??= this.#send(last).finally(() => {
      this.#sending = null;
    });
    return this.#sending;
  }

  async #send(last: boolean): Promise<void> {
    const { calls } = this.#options;
    try {
      const { position, stretches } = this.#kept;
      if (position && !position.sent) {
        const watched = stretches.slice(0, 64);
        // How long ago, not when: the clocks of devices are wrong.
        const ago = Math.min(Math.max(0, Date.now() - position.at), STALEST_MS);
        await calls.report({ t: position.t, ago, watched }, last);
        this.#keep(({ position: here, stretches: all, last: seen }) => ({
          position: here && { ...here, sent: here.t === position.t },
          stretches: all.filter((one) => !watched.some((sent) => isSame(sent, one))),
          last: { ...seen, watched: union(seen.watched, watched) },
        }));
      }
      for (;;) {
        const next = this.#kept.operations.find((one) => one.refused === undefined);
        if (!next) return;
        await this.#sendOne(next);
      }
    } catch (error) {
      if (!isRefusalOrLink(error)) throw error;
    }
  }

  async #sendOne(operation: Operation): Promise<void> {
    const without = (all: readonly Operation[]) => all.filter((one) => !isSame(one, operation));
    this.#current = operation;
    try {
      await this.#options.calls.run(operation);
      this.#keep(({ operations, last }) => ({
        operations: without(operations),
        last: this.#applied(last, operation),
      }));
    } catch (error) {
      if (!(error instanceof TongkeError) || isPassing(error.code)) {
        // What it says has been changed meanwhile: the later one says it all.
        this.#keep(({ operations }) => {
          const others = without(operations);
          return others.some(({ id }) => id === operation.id) ? { operations: others } : {};
        });
        throw error;
      }
      const { code } = error;
      this.#keep(({ operations }) => ({
        operations: operations.map((one) => (isSame(one, operation) ? { ...one, refused: code } : one)),
      }));
    } finally {
      this.#current = null;
    }
  }

  #do(operation: Operation): void {
    // A later change of the same thing takes the place of one that waits; one on its way comes first.
    this.#keep(({ operations }) => ({
      operations: [
        ...operations.filter((one) => isSame(one, this.#current) || one.id !== operation.id),
        operation,
      ],
    }));
    void this.send();
  }

  /** Changes what lies there, and not what this tab has last seen of it: another may have written meanwhile. */
  #keep(change: (kept: Kept) => Partial<Kept>): void {
    const { storage } = this.#options;
    const kept = readKept(storage.read());
    const next = { ...kept, ...change(kept) };
    storage.write(JSON.stringify(next));
    this.#show(next);
  }

  #show(kept: Kept): void {
    this.#kept = kept;
    this.#view = this.#see();
    this.#listeners.tell();
  }

  #see(): OwnView {
    const { position, stretches, operations, last } = this.#kept;
    const { watched, notes, questions } = operations.reduce(
      (seen, operation) => this.#applied(seen, operation),
      last,
    );
    return {
      position: position?.t ?? null,
      watched: union(watched, stretches),
      notes: [...notes].sort((a, b) => a.t - b.t),
      questions: [...questions].sort((a, b) => a.t - b.t),
      unsent: new Set(operations.map(({ id }) => id)),
      refused: new Map(operations.flatMap((one) => (one.refused ? [[one.id, one.refused]] : []))),
      known: this.#known,
    };
  }

  #applied(seen: Kept['last'], operation: Operation): Kept['last'] {
    const { id } = operation;
    const at = Date.now();
    switch (operation.kind) {
      case 'note': {
        const { t, text } = operation;
        return { ...seen, notes: [...seen.notes.filter((one) => one.id !== id), { id, t, text, at }] };
      }
      case 'forget':
        return { ...seen, notes: seen.notes.filter((one) => one.id !== id) };
      case 'ask': {
        const { t, text } = operation;
        const { me } = this.#options;
        const asked: Question = { id, t, text, at, by: me.id, name: me.name, answer: null };
        return { ...seen, questions: [...seen.questions.filter((one) => one.id !== id), asked] };
      }
      case 'withdraw':
        return { ...seen, questions: seen.questions.filter((one) => one.id !== id) };
      case 'answer': {
        const answer = { text: operation.text, at };
        return {
          ...seen,
          questions: seen.questions.map((one) => (one.id === id ? { ...one, answer } : one)),
        };
      }
    }
  }
}

/** What was read again is no longer the same object. Every one of them is written in the order of its schema. */
function isSame(a: Operation | Stretch, b: Operation | Stretch | null): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** What the server or the link may do to us; anything else is a mistake of our own, and is heard of. */
function isRefusalOrLink(error: unknown): boolean {
  return error instanceof TongkeError || (error instanceof Error && error.name === 'NetworkError');
}
