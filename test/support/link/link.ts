import { Agenda, type Appointment } from './agenda.ts';
import { Channel, type ChannelStats } from './channel.ts';
import { type DirectionOptions, type LinkOptions, roundTripOf, shapeOf } from './options.ts';
import { TcpRelay } from './tcp-relay.ts';
import { type Endpoint, UdpRelay } from './udp-relay.ts';

export interface LinkStats {
  readonly down: ChannelStats;
  readonly up: ChannelStats;
  /** TCP connections that are open, or still have something on the way. */
  readonly connections: number;
  /** The most that this process was late with a packet, milliseconds. More than a few: the figures are the machine's. */
  readonly worstLateMs: number;
}

export interface CutOptions {
  readonly only?: 'down';
  readonly reset?: boolean;
}

/** A thin link between a client and any number of servers on this machine. Throws a RangeError for odd options. */
export function createLink(options: LinkOptions): Link {
  return new Link(options);
}

export class Link {
  #options: LinkOptions;
  readonly #agenda = new Agenda();
  readonly #down: Channel;
  readonly #up: Channel;
  readonly #udp = new Map<string, Promise<UdpRelay>>();
  readonly #tcp = new Map<string, Promise<TcpRelay>>();
  readonly #openTcp = new Set<TcpRelay>();
  #restoring: Appointment | null = null;

  constructor(options: LinkOptions) {
    this.#options = options;
    const { down, up, seed = 1 } = options;
    const roundTrip = roundTripOf(options);
    this.#down = new Channel(this.#agenda, shapeOf(down, roundTrip), seed * 2);
    this.#up = new Channel(this.#agenda, shapeOf(up, roundTrip), seed * 2 + 1);
  }

  /** Where UDP for `target` goes through the link; the same for the same target. */
  async relayUdp({ target }: { target: Endpoint }): Promise<Endpoint> {
    const relay = await remembered(this.#udp, target, () => UdpRelay.open(target, this.#channels));
    return relay.endpoint;
  }

  /** Where TCP connections to `target` go through the link; the same for the same target. */
  async relayTcp({ target }: { target: Endpoint }): Promise<Endpoint> {
    const relay = await remembered(this.#tcp, target, () =>
      TcpRelay.open(target, this.#channels, this.#agenda),
    );
    this.#openTcp.add(relay);
    return relay.endpoint;
  }

  get #channels() {
    return { down: this.#down, up: this.#up };
  }

  /** Changes what is given and leaves the rest; a queue that was not given a size follows rate and delay. */
  setDown(change: DirectionOptions): void {
    this.#reshape({ ...this.#options, down: { ...this.#options.down, ...change } });
  }

  setUp(change: DirectionOptions): void {
    this.#reshape({ ...this.#options, up: { ...this.#options.up, ...change } });
  }

  #reshape(options: LinkOptions): void {
    const roundTrip = roundTripOf(options);
    const [down, up] = [shapeOf(options.down, roundTrip), shapeOf(options.up, roundTrip)];
    this.#options = options;
    this.#down.reshape(down);
    this.#up.reshape(up);
  }

  /**
   * Loses every packet both ways, or `only` what comes down, for `ms`, or until `restore()`. TCP connections stall and go on
   * when their senders try again; with `reset` they end at once, at both ends.
   */
  cut(ms: number | undefined = this.#options.cutMs, { only, reset = false }: CutOptions = {}): void {
    this.#restoring?.cancel();
    this.#down.cut();
    if (only !== 'down') this.#up.cut();
    if (reset) for (const relay of this.#openTcp) relay.reset();
    if (ms !== undefined) this.#restoring = this.#agenda.at(performance.now() + ms, () => this.restore());
  }

  restore(): void {
    this.#restoring?.cancel();
    this.#down.restore();
    this.#up.restore();
  }

  /**
   * As when a phone leaves Wi-Fi: servers see the client at another address from now on, what they send to the one before is
   * lost, and the TCP connections of before are dead without a word.
   */
  async move(): Promise<void> {
    for (const relay of this.#openTcp) relay.strand();
    for (const relay of await Promise.all(this.#udp.values())) relay.move();
  }

  stats(): LinkStats {
    let connections = 0;
    for (const relay of this.#openTcp) connections += relay.connections;
    const { worstLateMs } = this.#agenda;
    return { down: this.#down.stats(), up: this.#up.stats(), connections, worstLateMs };
  }

  /** Ends everything at once; what is on the way does not arrive. */
  async close(): Promise<void> {
    this.#agenda.close();
    const relays = await Promise.all([...this.#udp.values(), ...this.#tcp.values()]);
    await Promise.all(relays.map((relay) => relay.close()));
  }
}

function remembered<T>(
  known: Map<string, Promise<T>>,
  { host, port }: Endpoint,
  open: () => Promise<T>,
): Promise<T> {
  const key = `${host} ${port}`;
  const opened = known.get(key) ?? open();
  known.set(key, opened);
  return opened;
}
