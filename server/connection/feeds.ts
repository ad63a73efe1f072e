import { EntriesEncoder } from '../../protocol/entries-line.ts';
import type { LogEntry } from '../../protocol/events.ts';
import { encodeFeed } from '../../protocol/feed-line.ts';
import { Backlog } from './backlog.ts';

/** A datagram costs 90 B of headers, and ink this late is still writing. */
const TICK_MS = 400;
/** Each message travels so often: at 10% loss one in a thousand is missing, and waits for the socket. */
const COPIES = 3;
/** With headers below what every path carries whole. */
const MOST_BYTES = 1_000;
/** Who lost the thread takes it up again after so many messages. */
const EPOCH_MESSAGES = 12;

interface Feed {
  /** Feeds of the media node, by connection. */
  readonly members: Map<string, string>;
  /** For the socket to bring. */
  readonly backlog: Backlog;
  waiting: LogEntry[];
  encoder: EntriesEncoder;
  epoch: number;
  /** Messages of this epoch so far. */
  count: number;
  /** The last of them, oldest first. */
  recent: Uint8Array[];
  /** How often what is in `recent` still has to be repeated. */
  repeats: number;
  timer: NodeJS.Timeout | undefined;
}

export interface FeedsOptions {
  send(feed: string, datagram: Uint8Array): void;
  /** Over the socket, what datagrams did not. */
  bring(connections: readonly string[], entries: readonly LogEntry[]): void;
  isThere(connection: string): boolean;
}

/**
 * Entries for lossy links, over datagrams: TCP would hold back all that follows a lost segment for two round trips. The
 * socket brings what their receivers do not say soon that they have.
 */
export class Feeds {
  readonly #options: FeedsOptions;
  readonly #feeds = new Map<string, Feed>();

  constructor(options: FeedsOptions) {
    this.#options = options;
  }

  /** From now on this connection's entries come over `feed`. */
  join(lesson: string, connection: string, feed: string): void {
    const group = this.#feeds.get(lesson) ?? newFeed();
    this.#feeds.set(lesson, group);
    group.members.set(connection, feed);
    group.backlog.join(connection);
    renew(group); // the newcomer knows nothing of what was told before
  }

  /** No more; and the socket brings at once what this connection may lack. */
  leave(lesson: string, connection: string): void {
    const group = this.#feeds.get(lesson);
    if (!group?.members.delete(connection)) return;
    this.#bring([connection], group.backlog.leave(connection));
  }

  /** This connection has every entry up to `seq`. */
  heard(lesson: string, connection: string, seq: number): void {
    this.#feeds.get(lesson)?.backlog.heard(connection, seq);
  }

  send(lesson: string, entries: readonly LogEntry[]): void {
    const group = this.#feeds.get(lesson);
    if (!group) return;
    group.waiting.push(...entries);
    group.backlog.add(entries, performance.now());
    group.timer ??= setTimeout(() => this.#tick(lesson, group), TICK_MS).unref();
  }

  end(lesson: string): void {
    const group = this.#feeds.get(lesson);
    if (!group) return;
    for (const connection of group.members.keys()) this.leave(lesson, connection);
    clearTimeout(group.timer);
    this.#feeds.delete(lesson);
  }

  #bring(connections: readonly string[], entries: readonly LogEntry[]): void {
    if (entries.length > 0) this.#options.bring(connections, entries);
  }

  #tick(lesson: string, group: Feed): void {
    for (const connection of group.members.keys())
      if (!this.#options.isThere(connection)) this.leave(lesson, connection);
    if (group.members.size === 0) {
      this.end(lesson);
      return;
    }
    group.timer = undefined;
    if (group.waiting.length > 0) this.#tell(group);
    else group.repeats -= 1;
    const { connections, entries } = group.backlog.due(performance.now());
    this.#bring(connections, entries);
    if (group.recent.length > 0 && group.repeats >= 0) {
      const datagram = encodeFeed({
        ...{ epoch: group.epoch, first: group.count - group.recent.length, parts: group.recent },
      });
      for (const feed of group.members.values()) this.#options.send(feed, datagram);
    }
    if (group.repeats > 0 || !group.backlog.isEmpty)
      group.timer = setTimeout(() => this.#tick(lesson, group), TICK_MS).unref();
  }

  #tell(group: Feed): void {
    if (group.count >= EPOCH_MESSAGES) renew(group);
    const message = group.encoder.encode(group.waiting.splice(0));
    group.repeats = COPIES - 1;
    group.count += 1;
    group.recent = [...group.recent, message].slice(-COPIES);
    while (sizeOf(group.recent) > MOST_BYTES) group.recent.shift();
    // Too long for any datagram: the socket brings it, and the thread is taken up after it.
    if (group.recent.length === 0) renew(group);
  }
}

function newFeed(): Feed {
  return {
    ...{ members: new Map(), backlog: new Backlog(), waiting: [], encoder: new EntriesEncoder(), count: 0 },
    // Later than any before it, so that nobody takes it for one that was overtaken.
    epoch: Math.floor(Date.now() / 100),
    ...{ recent: [], repeats: 0, timer: undefined },
  };
}

function renew(group: Feed): void {
  group.encoder = new EntriesEncoder();
  group.epoch += 1;
  group.count = 0;
  group.recent = [];
  group.repeats = 0;
}

function sizeOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { length }) => sum + length + 2, 0);
}
