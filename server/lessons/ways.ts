import { TongkeError } from '../../protocol/errors.ts';
import type { MediaKind, Opaque } from '../../protocol/media.ts';
import type { Input } from '../../protocol/requests.ts';
import type { MediaUser } from './media-notice.ts';

/**
 * A way whose owner's connection is gone is kept this long for an ICE restart by the next connection: through five
 * minutes' outage and the time to come back. The worker sends nothing to it while ICE has no consent.
 */
const ORPHAN_MS = 6 * 60_000;

/** One transport of the media node, and whose it is. */
export interface Way {
  readonly participant: string;
  readonly direction: Input<'media.open'>['direction'];
  /** The connection that uses it, or used it last while its owner is away. */
  connection: string;
  /** See `MediaUser`. */
  readonly by: string;
  /** Runs while its owner is away. */
  orphaned?: NodeJS.Timeout;
  /** What its client can take, by kind. */
  readonly capabilities: Partial<Record<MediaKind, Opaque>>;
}

/** The transports of one lesson: which connection uses which, and how long they outlast it. */
export class Ways {
  readonly #ways = new Map<string, Way>();
  readonly #close: (id: string) => void;

  /** `close` ends a transport, of which `forget` is told once it has ended. */
  constructor(close: (id: string) => void) {
    this.#close = close;
  }

  /** One a direction and connection: a client that opens another has given the former up. */
  add(id: string, user: MediaUser, { direction, rtpCapabilities }: WayOptions): void {
    for (const [former, way] of this.#ways)
      if (way.connection === user.connection && way.direction === direction) this.#close(former);
    this.#ways.set(id, { ...user, direction, capabilities: { audio: rtpCapabilities } });
  }

  get(id: string): Way | undefined {
    return this.#ways.get(id);
  }

  /** Throws `stream_gone` for what is not theirs, as for what is not there. */
  own(user: MediaUser, id: string): Way {
    const way = this.#ways.get(id);
    if (!way || way.participant !== user.participant) throw new TongkeError('stream_gone');
    return way;
  }

  /** To its owner's next connection. */
  pass(user: MediaUser, id: string): void {
    const way = this.own(user, id);
    clearTimeout(way.orphaned);
    way.orphaned = undefined;
    way.connection = user.connection;
  }

  connectionLost(connection: string): void {
    for (const [id, way] of this.#ways)
      if (way.connection === connection && !way.orphaned)
        way.orphaned = setTimeout(() => this.#close(id), ORPHAN_MS).unref();
  }

  /** Who may no longer be here is not waited for. */
  putOut(connection: string): void {
    for (const [id, way] of this.#ways) if (way.connection === connection && !way.orphaned) this.#close(id);
  }

  /** Of a session that is over, or a device that is revoked: those whose owner is away, too. */
  endOf(by: string): void {
    for (const [id, way] of this.#ways) if (way.by === by) this.#close(id);
  }

  /** Its owner's connection; null while they are away. */
  ownerOf(id: string): string | null {
    const way = this.#ways.get(id);
    return way && !way.orphaned ? way.connection : null;
  }

  forget(id: string): void {
    clearTimeout(this.#ways.get(id)?.orphaned);
    this.#ways.delete(id);
  }

  clear(): void {
    for (const { orphaned } of this.#ways.values()) clearTimeout(orphaned);
    this.#ways.clear();
  }
}

type WayOptions = Pick<Input<'media.open'>, 'direction' | 'rtpCapabilities'>;
