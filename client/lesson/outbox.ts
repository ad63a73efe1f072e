import { type ErrorBody, isPassing } from '../../protocol/errors.ts';
import type { DurableName, Output } from '../../protocol/requests.ts';
import { type Effect, eventOf } from './optimistic.ts';
import { OutboxKeeper } from './outbox-keeper.ts';
import type { KeptOperation, LessonStorage } from './storage.ts';

/** `sent`: on its way. `acknowledged`: journaled, its entry still to come. */
type Progress = 'waiting' | 'sent' | 'acknowledged';

export interface Operation extends KeptOperation, Effect {
  progress: Progress;
}

/** On their way at once: fills a slow link, and leaves room for other requests behind them. */
const WINDOW = 32;
/** After `BURST` in one go (half of what the server takes at once), at the pace of `PACE_PER_SECOND`. */
const BURST = 300;
const PACE_PER_SECOND = 40;
const RETRY_FIRST_MS = 300;
const RETRY_MOST_MS = 5_000;

export interface OutboxOptions {
  readonly lesson: string;
  readonly storage: LessonStorage;
  /** Lesson time, for operations found again. */
  now(): number;
  /** Rejects with a TongkeError; `null` for a connection that broke before the answer. */
  send(operation: Operation): Promise<Output<DurableName> | ErrorBody | null>;
  /** Something is pending no more, or less than it was. `dropped`: without its entry having come. */
  changed(dropped: boolean): void;
  refused(error: ErrorBody): void;
  report(error: unknown): void;
}

/**
 * One's own operations from the moment they are performed until their entries are in the log: numbered, kept,
 * sent in order, sent again. Adopted ones of a tab that is gone go first, under their own numbers.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #keeper: OutboxKeeper;
  #operations: Operation[] = [];
  #client = '';
  #n = 0;
  #open = false;
  #retry: { timer: ReturnType<typeof setTimeout> | undefined; delay: number } = {
    timer: undefined,
    delay: 0,
  };
  #allowance = { tokens: BURST, at: 0 };
  #releases: (() => void)[] = [];

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#keeper = new OutboxKeeper(options.storage, options.report);
  }

  /** In the order in which they take effect. */
  get operations(): readonly Operation[] {
    return this.#operations;
  }

  /** Not yet acknowledged by the server's journal. */
  get unsent(): number {
    return this.#operations.reduce((count, { progress }) => count + (progress === 'acknowledged' ? 0 : 1), 0);
  }

  /**
   * Finds out who this tab is, and what it or tabs that are gone have left undone for `participant`.
   * `known` is the log's last number of each client.
   */
  async begin(participant: string, known: Readonly<Record<string, number>>): Promise<void> {
    const { lesson, storage } = this.#options;
    const kept = await this.#load();
    const identity = storage.identity(lesson);
    const mine = kept.filter(({ client }) => client === identity?.client);
    const usable = identity && mine.every(({ by }) => by === participant);
    if (usable && (await this.#claim(identity.client))) {
      this.#client = identity.client;
      this.#n = Math.max(identity.n, mine.at(-1)?.n ?? 0, known[identity.client] ?? 0);
    } else {
      this.#client = randomClient();
      await this.#claim(this.#client);
    }
    const own = kept.filter(({ client }) => client === this.#client);
    const orphans = await this.#adopt(
      kept.filter(({ client, by }) => client !== this.#client && by === participant),
    );
    this.#operations = [...orphans, ...own].flatMap((operation) => this.#revive(operation));
  }

  /** Numbers it, keeps it and sends it: the last two at the same time, so that ink waits for no disk. */
  add(by: string, name: DurableName, input: unknown, effect: Effect): Operation {
    const { lesson, storage } = this.#options;
    const n = ++this.#n;
    const operation: Operation = {
      ...{ lesson, client: this.#client, n, by, name, input },
      ...effect,
      progress: 'waiting',
    };
    storage.setIdentity(lesson, { client: this.#client, n });
    this.#operations.push(operation);
    this.#keeper.keep(operation);
    this.#pump();
    return operation;
  }

  /** The connection carries requests of this lesson (again). */
  resume(): void {
    this.#open = true;
    this.#retry.delay = 0;
    this.#pump();
  }

  /** The connection is gone: what was on its way is not known to have arrived. */
  suspend(): void {
    this.#open = false;
    clearTimeout(this.#retry.timer);
    this.#retry.timer = undefined;
    for (const operation of this.#operations)
      if (operation.progress === 'sent') operation.progress = 'waiting';
  }

  /**
   * An operation's entry has come. Returns whether exactly the first pending one was meant, so that what is laid over
   * the confirmed state stays right as it is.
   */
  confirm(client: string, n: number): boolean {
    const first = this.#operations[0];
    const exact = first?.client === client && first.n === n;
    this.#remove((one) => one.client === client && one.n === n);
    // Entries come in order: an earlier one that is pending still was refused, which its answer will say. If that
    // has been heard already and was for the moment only, its number is spent meanwhile: it can never be taken.
    const overtaken = (one: Operation) => one.client === client && one.n < n && one.progress === 'waiting';
    if (this.#open) {
      for (const { name } of this.#remove(overtaken)) {
        this.#options.refused({ code: 'internal', message: `'${name}' was overtaken by a later operation` });
      }
    }
    return exact;
  }

  /** A snapshot holds each of these clients' operations up to a number. */
  confirmAll(known: Readonly<Record<string, number>>): void {
    this.#remove(({ client, n }) => n <= (known[client] ?? 0));
  }

  close(): void {
    this.suspend();
    for (const release of this.#releases.splice(0)) release();
  }

  #remove(isGone: (operation: Operation) => boolean): Operation[] {
    const gone = this.#operations.filter(isGone);
    if (gone.length === 0) return gone;
    for (const operation of gone) this.#keeper.forget(operation);
    this.#operations = this.#operations.filter((operation) => !gone.includes(operation));
    return gone;
  }

  async #load(): Promise<KeptOperation[]> {
    try {
      return await this.#options.storage.load(this.#options.lesson);
    } catch (error) {
      this.#options.report(error); // a browser that keeps nothing still teaches
      return [];
    }
  }

  async #claim(client: string): Promise<boolean> {
    const release = await this.#options.storage.claim(client);
    if (release) this.#releases.push(release);
    return release !== null;
  }

  async #adopt(orphans: readonly KeptOperation[]): Promise<KeptOperation[]> {
    const clients = new Set(orphans.map(({ client }) => client));
    const claims = await Promise.all(
      [...clients].map(async (client) => ((await this.#claim(client)) ? client : null)),
    );
    return orphans.filter(({ client }) => claims.includes(client));
  }

  #revive(kept: KeptOperation): Operation[] {
    this.#keeper.remember(kept);
    const event = eventOf(kept.name, kept.input);
    if (event) return [{ ...kept, event, t: this.#options.now(), progress: 'waiting' }];
    // Kept by an older version of this page in a form that no longer fits.
    this.#options.refused({ code: 'bad_request', message: `cannot send '${kept.name}' again` });
    this.#keeper.forget(kept);
    return [];
  }

  #pump(): void {
    if (!this.#open || this.#retry.timer !== undefined) return;
    let onTheirWay = this.#operations.reduce((count, one) => count + (one.progress === 'sent' ? 1 : 0), 0);
    for (const operation of this.#operations) {
      if (operation.progress !== 'waiting') continue;
      if (onTheirWay >= WINDOW) return;
      if (!this.#takeToken()) {
        this.#pumpLater(1_000 / PACE_PER_SECOND);
        return;
      }
      operation.progress = 'sent';
      onTheirWay++;
      void this.#deliver(operation);
    }
  }

  #takeToken(): boolean {
    const now = performance.now();
    const { tokens, at } = this.#allowance;
    const filled = Math.min(BURST, tokens + ((now - at) / 1_000) * PACE_PER_SECOND);
    this.#allowance = { tokens: filled < 1 ? filled : filled - 1, at: now };
    return filled >= 1;
  }

  #pumpLater(delay: number): void {
    this.#retry.timer ??= setTimeout(() => {
      this.#retry.timer = undefined;
      this.#pump();
    }, delay);
  }

  async #deliver(operation: Operation): Promise<void> {
    const answer = await this.#options.send(operation);
    if (answer === null || operation.progress !== 'sent') return; // suspended meanwhile, or its entry was faster
    if (!('code' in answer)) return this.#acknowledged(operation, answer.seq);
    if (isPassing(answer.code)) return this.#again(operation);
    this.#drop(operation);
    this.#options.refused(answer);
    this.#pump();
  }

  #acknowledged(operation: Operation, seq: number | undefined): void {
    operation.progress = 'acknowledged';
    this.#retry.delay = 0;
    this.#keeper.forget(operation);
    // Without a place in the log there is no entry to wait for: it was there already, or had nothing left to do.
    if (seq === undefined) this.#drop(operation);
    else if (this.#operations.includes(operation)) this.#options.changed(false);
    this.#pump();
  }

  #drop(operation: Operation): void {
    if (this.#remove((one) => one === operation).length > 0) this.#options.changed(true);
  }

  /** Nothing later may overtake it: sending stops, and begins again from the first that waits. */
  #again(operation: Operation): void {
    operation.progress = 'waiting';
    this.#retry.delay = Math.min(RETRY_MOST_MS, Math.max(RETRY_FIRST_MS, this.#retry.delay * 2));
    this.#pumpLater(this.#retry.delay * (0.75 + Math.random() / 2));
  }
}

/** 72 random bits: no two tabs ever share one. Begins with a letter, as every id. */
function randomClient(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(9));
  return `c${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
