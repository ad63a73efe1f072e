import type { Socket } from 'node:net';
import type { Agenda } from './agenda.ts';
import type { Channel } from './channel.ts';
import { TcpReceiver } from './tcp-receiver.ts';
import { type Content, HEADER_BYTES, type Segment } from './tcp-segment.ts';
import { TcpSender } from './tcp-sender.ts';

/**
 * What an end takes from its application beyond what is on the way, before it stops reading, bytes. Small, because the sockets of the loopback
 * device hold far more than those of a thin link would, and theirs comes first.
 */
const SEND_BUFFER = 16 << 10;
/** What an end keeps for an application that does not read, bytes: the window that TCP has without scaling. */
const RECEIVE_BUFFER = 64 << 10;

export interface EndPort {
  /** The other end asks for a connection, or has agreed to one. */
  onSyn(): void;
  /** Something may have been the last of the connection. */
  onProgress(): void;
}

/** One end of a modelled connection, and the real socket of the application at that end. */
export class TcpEnd {
  readonly sender: TcpSender;
  readonly receiver: TcpReceiver;
  readonly #outgoing: Channel;
  readonly #port: EndPort;
  /** Null before the connection and after it: what is still on the way then is for nobody. */
  #peer: TcpEnd | null = null;
  #socket: Socket | null = null;
  /** The application at this end has been reset: it sends and takes nothing more. */
  #over = false;

  constructor(agenda: Agenda, outgoing: Channel, port: EndPort) {
    this.#outgoing = outgoing;
    this.#port = port;
    this.sender = new TcpSender(agenda, {
      transmit: (number, content) => this.#send({ ...content, number }),
      room: () => this.#peer?.room ?? 0,
      onProgress: () => this.#progress(),
    });
    this.receiver = new TcpReceiver(agenda, {
      deliver: (content) => this.#deliver(content),
      acknowledge: () => this.#send(),
    });
  }

  face(peer: TcpEnd): void {
    this.#peer = peer;
  }

  attach(socket: Socket): void {
    this.#socket = socket;
    socket.on('data', (chunk) => {
      this.sender.write(chunk);
      if (this.sender.unsent >= SEND_BUFFER) socket.pause();
    });
    let ended = false;
    socket.once('end', () => {
      ended = true;
      this.sender.finish();
    });
    // A reset by the application, or no answer at the target: the other end hears of it by an abort on close.
    let broken = false;
    socket.on('error', () => (broken = true));
    socket.once('close', () => {
      if (!this.#over && (broken || !ended)) this.sender.abort();
      this.#port.onProgress();
    });
  }

  /** What the other end may still send, bytes. Known to it at once, where a real one hears it from acknowledgements. */
  get room(): number {
    return RECEIVE_BUFFER - this.receiver.waiting - (this.#socket?.writableLength ?? 0);
  }

  get done(): boolean {
    return this.#over || ((this.#socket?.closed ?? true) && this.sender.idle);
  }

  /** Ends it at once, without a word over the link. */
  reset(): void {
    this.#hangUp();
    this.receiver.stop();
    this.#peer = null;
  }

  /** Nothing goes to the other end any more or comes from it; the application's socket stays open. */
  strand(): void {
    this.receiver.stop();
    this.sender.stop();
    this.#peer = null;
  }

  #hangUp(): void {
    this.#over = true;
    this.sender.stop();
    this.#socket?.resetAndDestroy();
  }

  #send(content?: Segment['content']): void {
    const segment: Segment = { content, acknowledgement: this.receiver.take() };
    this.#outgoing.send({
      kind: 'tcp',
      bytes: HEADER_BYTES + (content?.payload.length ?? 0),
      deliver: () => this.#peer?.receive(segment),
    });
  }

  receive({ content, acknowledgement }: Segment): void {
    if (!this.#peer) return;
    this.sender.acknowledge(acknowledgement);
    if (content) this.receiver.receive(content.number, content);
  }

  #deliver({ type, payload }: Content): void {
    if (this.#over) return;
    if (type === 'syn') this.#port.onSyn();
    if (type === 'data') this.#hand(payload);
    if (type === 'fin') this.#socket?.end();
    if (type === 'abort') this.#hangUp();
  }

  /** Whatever leaves our buffer makes room; `drain` would only tell of a buffer that was fuller than ours gets. */
  #hand(payload: Buffer): void {
    if (this.#socket?.writable) this.#socket.write(payload, () => this.#peer?.sender.pump());
  }

  #progress(): void {
    if (this.#socket?.isPaused() && this.sender.unsent < SEND_BUFFER / 2) this.#socket.resume();
    this.#port.onProgress();
  }
}
