import {
  GenericNack,
  RtcpReceiverInfo,
  RtcpRrPacket,
  RtcpTransportLayerFeedback,
  type RtpPacket,
} from 'werift';
import { z } from 'zod';
import type { ConsumerOptions, MediaKind } from '../../protocol/media.ts';
import type { WebRtcTransport } from './webrtc-transport.ts';

const Parameters = z.object({
  codecs: z.array(z.object({ mimeType: z.string(), clockRate: z.number() })).min(1),
  encodings: z.array(z.object({ ssrc: z.number() })).min(1),
});

const REPORT_INTERVAL = 1000;
/** A lost packet is asked for when its gap is seen, and this often again, milliseconds. */
const NACK_INTERVAL = 200;
const NACK_ATTEMPTS = 5;

export interface ReceivedPacket {
  /** Sequence number that does not wrap. */
  readonly sequence: number;
  readonly timestamp: number;
  readonly payload: Buffer;
  /** `performance.now()`. */
  readonly at: number;
}

export interface Reception {
  readonly packets: number;
  /** Of payload, without headers. */
  readonly bytes: number;
  /** Packets that never came. */
  readonly lost: number;
  /** Packets that came after they had been asked for. */
  readonly repaired: number;
  /** RFC 3550 section 6.4.1, milliseconds. */
  readonly jitterMs: number;
}

/** One consumer as its receiver sees it: counts what comes, asks for what does not (NACK), reports both. */
export class IncomingStream {
  readonly consumer: string;
  readonly producer: string;
  readonly kind: MediaKind;
  readonly mimeType: string;
  readonly #ssrc: number;
  readonly #clockRate: number;
  readonly #transport: WebRtcTransport;
  readonly #listeners = new Set<(packet: ReceivedPacket) => void>();
  readonly #missing = new Map<number, number>();
  readonly #stopListening: () => void;
  readonly #reports: NodeJS.Timeout;
  readonly #nacks: NodeJS.Timeout;
  #packets = 0;
  #bytes = 0;
  #repaired = 0;
  #first = 0;
  #highest = -1;
  /** In units of the RTP clock. */
  #jitter = 0;
  #transit: number | null = null;
  #before = { expected: 0, received: 0 };

  constructor(options: ConsumerOptions, transport: WebRtcTransport) {
    const { codecs, encodings } = Parameters.parse(options.rtpParameters);
    this.consumer = options.id;
    this.producer = options.producerId;
    this.kind = options.kind;
    this.mimeType = codecs[0]?.mimeType ?? '';
    this.#clockRate = codecs[0]?.clockRate ?? 0;
    this.#ssrc = encodings[0]?.ssrc ?? 0;
    this.#transport = transport;
    this.#stopListening = transport.onRtp((packet) => {
      if (packet.header.ssrc === this.#ssrc) this.#receive(packet);
    });
    this.#reports = setInterval(() => this.#report(), REPORT_INTERVAL);
    this.#nacks = setInterval(() => this.#ask([...this.#missing.keys()]), NACK_INTERVAL);
  }

  get reception(): Reception {
    const { expected, received } = this.#counts();
    return {
      packets: this.#packets,
      bytes: this.#bytes,
      lost: Math.max(0, expected - received),
      repaired: this.#repaired,
      jitterMs: this.#clockRate > 0 ? (1000 * this.#jitter) / this.#clockRate : 0,
    };
  }

  onPacket(listener: (packet: ReceivedPacket) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The next `count` packets from now on. Rejects where they do not come in time. */
  async next(count: number, timeoutMs = 10_000): Promise<ReceivedPacket[]> {
    const packets: ReceivedPacket[] = [];
    return await new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        stop();
        reject(new Error(`${packets.length} of ${count} ${this.kind} packets in ${timeoutMs} ms`));
      }, timeoutMs);
      const stop = this.onPacket((packet) => {
        if (packets.push(packet) < count) return;
        clearTimeout(timer);
        stop();
        resolve(packets);
      });
    });
  }

  close(): void {
    this.#stopListening();
    clearInterval(this.#reports);
    clearInterval(this.#nacks);
    this.#listeners.clear();
  }

  #receive({ header, payload }: RtpPacket): void {
    const at = performance.now();
    const sequence = this.#unwrap(header.sequenceNumber);
    if (this.#highest < 0) {
      this.#first = sequence;
      this.#highest = sequence;
    } else if (sequence > this.#highest) {
      this.#noteGap(this.#highest + 1, sequence);
      this.#highest = sequence;
    } else if (this.#missing.delete(sequence)) {
      this.#repaired += 1;
    } else {
      return; // came twice
    }
    this.#packets += 1;
    this.#bytes += payload.length;
    this.#measureJitter(header.timestamp, at);
    for (const listener of this.#listeners) listener({ sequence, timestamp: header.timestamp, payload, at });
  }

  /** The number without wrapping that is nearest to the highest so far. */
  #unwrap(sequence: number): number {
    if (this.#highest < 0) return sequence;
    const ahead = (sequence - this.#highest) & 0xffff;
    return this.#highest + (ahead < 0x8000 ? ahead : ahead - 0x1_0000);
  }

  #noteGap(from: number, to: number): void {
    if (to - from > 1000) return; // not loss: the sender has jumped
    for (let sequence = from; sequence < to; sequence++) this.#missing.set(sequence, 0);
    if (to > from) this.#ask([...this.#missing.keys()].filter((sequence) => sequence >= from));
  }

  #ask(sequences: readonly number[]): void {
    if (sequences.length === 0) return;
    for (const sequence of sequences) {
      const attempts = (this.#missing.get(sequence) ?? 0) + 1;
      if (attempts > NACK_ATTEMPTS) this.#missing.delete(sequence);
      else this.#missing.set(sequence, attempts);
    }
    const lost = sequences
      .filter((sequence) => this.#missing.has(sequence))
      .map((sequence) => sequence & 0xffff);
    if (lost.length === 0) return;
    const feedback = new GenericNack({ senderSsrc: 1, mediaSourceSsrc: this.#ssrc, lost });
    this.#transport.sendRtcp([new RtcpTransportLayerFeedback({ feedback })]);
  }

  #measureJitter(timestamp: number, at: number): void {
    const transit = ((at * this.#clockRate) / 1000 - timestamp) % 2 ** 32;
    if (this.#transit !== null) {
      const change = Math.abs(transit - this.#transit);
      if (change < this.#clockRate * 10) this.#jitter += (change - this.#jitter) / 16;
    }
    this.#transit = transit;
  }

  #counts(): { expected: number; received: number } {
    return { expected: this.#highest < 0 ? 0 : this.#highest - this.#first + 1, received: this.#packets };
  }

  #report(): void {
    if (this.#highest < 0) return;
    const counts = this.#counts();
    const expected = counts.expected - this.#before.expected;
    const lost = Math.max(0, expected - (counts.received - this.#before.received));
    this.#before = counts;
    const info = new RtcpReceiverInfo({
      ssrc: this.#ssrc,
      fractionLost: expected > 0 ? Math.min(255, Math.floor((256 * lost) / expected)) : 0,
      packetsLost: Math.max(0, counts.expected - counts.received),
      highestSequence: this.#highest >>> 0,
      jitter: Math.round(this.#jitter),
      lsr: 0,
      dlsr: 0,
    });
    this.#transport.sendRtcp([new RtcpRrPacket({ ssrc: 1, reports: [info] })]);
  }
}
