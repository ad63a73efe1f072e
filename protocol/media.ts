import { z } from 'zod';
import type { StreamSource } from './events.ts';

/**
 * What WebRTC ends tell each other. The SFU library checks the inside of these itself and refuses what does not
 * fit; here they are objects of bounded size, passed on untouched.
 */
const Opaque = z.looseObject({});
export type Opaque = z.infer<typeof Opaque>;

export const MediaKind = z.enum(['audio', 'video']);
export type MediaKind = z.infer<typeof MediaKind>;

export const MediaId = z.uuid();

export const TransportOptions = z.object({
  id: MediaId,
  iceParameters: Opaque,
  iceCandidates: z.array(Opaque),
  dtlsParameters: Opaque,
  /** Where it was asked to carry datagrams too. */
  sctpParameters: Opaque.optional(),
});
export type TransportOptions = z.infer<typeof TransportOptions>;

/** A relay for clients whose networks let nothing else through: RTCIceServer of WebRTC. */
export const IceServer = z.object({
  urls: z.array(z.string()),
  username: z.string(),
  credential: z.string(),
});
export type IceServer = z.infer<typeof IceServer>;

export const ConsumerOptions = z.object({
  id: MediaId,
  producerId: MediaId,
  kind: MediaKind,
  rtpParameters: Opaque,
});
export type ConsumerOptions = z.infer<typeof ConsumerOptions>;

/** Datagrams from the server to one client, unordered and sent once. */
export const FeedOptions = z.object({ id: MediaId, dataProducerId: MediaId, sctpStreamParameters: Opaque });
export type FeedOptions = z.infer<typeof FeedOptions>;

export const RtpParameters = Opaque;
export const RtpCapabilities = Opaque;
export const DtlsParameters = Opaque;
export const IceParameters = Opaque;

export function kindOf(source: StreamSource): MediaKind {
  return source === 'mic' ? 'audio' : 'video';
}

/** Where a tap's RTP goes: an address of the recorder. RTP and RTCP share the port. */
export interface TapTarget {
  readonly ip: string;
  readonly port: number;
}

/** A producer's packets as they leave for a recorder. Starts silent until `resumeTap`. */
export interface Tap {
  readonly id: string;
  readonly kind: MediaKind;
  readonly mimeType: string;
  readonly payloadType: number;
  readonly ssrc: number;
  readonly clockRate: number;
}

/** One packet of a voice. */
export interface VoicePacket {
  /** When it was said, on its sender's clock of 48 kHz, which begins anywhere and turns over at 2^32. */
  readonly timestamp: number;
  /** Opus. */
  readonly payload: Uint8Array;
  /** How long ago it came, ms. */
  readonly ageMs: number;
}

export interface TransportStats {
  /** Estimate of what the receiver's link carries, bit/s; null until a video consumer makes mediasoup estimate. */
  readonly availableOutgoingBitrate: number | null;
  /** That estimate keeps something back: of a picture more is asked for, and sent by its sender, than is passed on. */
  readonly keptBack: boolean;
  readonly roundTripMs: number | null;
  /** Share of packets the receiver reports lost, 0..1. */
  readonly loss: number | null;
  /** Of some of its streams, all together: what was sent, and what of it the receiver asked for once more. */
  readonly packetsSent: number;
  readonly packetsResent: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

/** Everything that closes is told, whoever closed it, except what closes together with its router. */
export type MediaEvent =
  /** The worker under this router died: it and everything on it is gone. */
  | { readonly type: 'router.died'; readonly router: string }
  | { readonly type: 'producer.closed'; readonly router: string; readonly producer: string }
  | { readonly type: 'consumer.closed'; readonly router: string; readonly consumer: string }
  | { readonly type: 'transport.closed'; readonly router: string; readonly transport: string }
  /** The path to this client broke (ICE or DTLS); it may come back by an ICE restart. */
  | { readonly type: 'transport.disconnected'; readonly router: string; readonly transport: string }
  /** Loudest voices of a router, dBov (-127..0), at most once in 300 ms; empty when all are silent. */
  | {
      readonly type: 'levels';
      readonly router: string;
      readonly levels: readonly { producer: string; dBov: number }[];
    };

export interface NewTransport {
  readonly maxOutgoingBitrate?: number;
  readonly datagrams?: boolean;
}

export interface ConsumeOptions {
  /** So far that a resend which is lost as well comes too late if it is asked for again: of a voice it is sent twice. */
  readonly isFar?: boolean;
}

/**
 * The SFU as lessons see it: ids and plain JSON, no users, no lessons. One process or many hosts, the same
 * interface. Every call rejects with a TongkeError: `stream_gone` where an id is not (or no longer) known,
 * `bad_request` where the parameters do not fit, `media_unavailable` where no worker is alive.
 * Closing what is already closed is no error.
 */
export interface MediaApi {
  /** A router on the least loaded worker. */
  createRouter(): Promise<{ router: string; rtpCapabilities: Opaque }>;
  closeRouter(router: string): Promise<void>;
  createTransport(router: string, options: NewTransport): Promise<TransportOptions>;
  connectTransport(transport: string, dtlsParameters: Opaque): Promise<void>;
  /** Asks for new ICE credentials; media goes on over the old path until the client uses them. */
  restartIce(transport: string): Promise<Opaque>;
  closeTransport(transport: string): Promise<void>;
  /** A way for datagrams to the client of a transport made with `datagrams`; ends with it. */
  openFeed(transport: string): Promise<FeedOptions>;
  sendFeed(feed: string, datagram: Uint8Array): Promise<void>;
  /** Ceiling of what pictures may take together, bit/s; never below the least that the SFU can be held to. */
  setMaxOutgoingBitrate(transport: string, bitsPerSecond: number): Promise<void>;
  transportStats(transport: string): Promise<TransportStats>;
  produce(transport: string, kind: MediaKind, rtpParameters: Opaque): Promise<string>;
  pauseProducer(producer: string): Promise<void>;
  resumeProducer(producer: string): Promise<void>;
  closeProducer(producer: string): Promise<void>;
  /** Created paused: nothing is sent until `resumeConsumer`, so no key frame is lost on a client not ready. */
  consume(
    transport: string,
    producer: string,
    rtpCapabilities: Opaque,
    options?: ConsumeOptions,
  ): Promise<ConsumerOptions>;
  resumeConsumer(consumer: string): Promise<void>;
  pauseConsumer(consumer: string): Promise<void>;
  /** Highest simulcast layer to send: 0 is the thinnest. */
  setPreferredLayers(consumer: string, layers: { spatial: number; temporal?: number }): Promise<void>;
  closeConsumer(consumer: string): Promise<void>;
  /**
   * A voice's packets: those of the last moments first, then each as it comes, until the function that is given back is
   * called or the producer closes. Throws `stream_gone` where there is no such voice.
   */
  listen(producer: string, heard: (packet: VoicePacket) => void): () => void;
  /** Sends a producer's packets to a recorder, at the highest layer there is. */
  tap(producer: string, target: TapTarget): Promise<Tap>;
  resumeTap(tap: string): Promise<void>;
  requestKeyFrame(tap: string): Promise<void>;
  closeTap(tap: string): Promise<void>;
  on(listener: (event: MediaEvent) => void): () => void;
  close(): Promise<void>;
}
