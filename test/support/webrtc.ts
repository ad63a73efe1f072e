import type { StreamSource } from '../../protocol/events.ts';
import {
  type ConsumeOptions,
  type ConsumerOptions,
  kindOf,
  type MediaApi,
  type Opaque,
} from '../../protocol/media.ts';
import type { DurableName, Input, Output, RequestName } from '../../protocol/requests.ts';
import { opusVoice, type VoiceClip } from './opus.ts';
import { type PictureClip, vp8Picture } from './vp8.ts';
import { IncomingStream } from './webrtc-incoming.ts';
import { OutgoingStream } from './webrtc-outgoing.ts';
import { type OfferedTransport, type RelayOnly, WebRtcTransport } from './webrtc-transport.ts';

/** How a client reaches the SFU: by the lesson's socket, or directly. */
export interface Signalling {
  open(direction: 'send' | 'receive'): Promise<OfferedTransport>;
  connect(transport: string, dtlsParameters: Opaque): Promise<void>;
  /** Resolves with the new ICE parameters. */
  restart(transport: string): Promise<Opaque>;
  /** Resolves with the id of the stream. */
  produce(transport: string, source: StreamSource, rtpParameters: Opaque): Promise<string>;
  consume(transport: string, stream: string, rtpCapabilities: Opaque): Promise<ConsumerOptions>;
  receive(consumer: string, paused: boolean): Promise<void>;
}

/** Straight at the SFU: for tests of it alone. */
export function signalDirectly(media: MediaApi, router: string, options?: ConsumeOptions): Signalling {
  return {
    open: () => media.createTransport(router, {}),
    connect: (transport, dtlsParameters) => media.connectTransport(transport, dtlsParameters),
    restart: (transport) => media.restartIce(transport),
    produce: (transport, source, rtpParameters) => media.produce(transport, kindOf(source), rtpParameters),
    consume: (transport, stream, rtpCapabilities) =>
      media.consume(transport, stream, rtpCapabilities, options),
    receive: (consumer, paused) => (paused ? media.pauseConsumer(consumer) : media.resumeConsumer(consumer)),
  };
}

type AskOnce = <N extends Exclude<RequestName, DurableName>>(name: N, input: Input<N>) => Promise<Output<N>>;

/** Over a socket that has joined the lesson. */
export function signalOverRequests(request: AskOnce): Signalling {
  return {
    open: (direction) => request('media.open', { direction }),
    async connect(transport, dtlsParameters) {
      await request('media.connect', { transport, dtlsParameters });
    },
    async restart(transport) {
      return (await request('media.restart', { transport })).iceParameters;
    },
    async produce(transport, source, rtpParameters) {
      return (await request('media.produce', { transport, source, rtpParameters })).stream.id;
    },
    consume: (transport, stream, rtpCapabilities) =>
      request('media.consume', { transport, stream, rtpCapabilities }),
    async receive(consumer, paused) {
      await request('media.receive', { consumer, paused });
    },
  };
}

/**
 * What this client can receive. No rtx and no bandwidth feedback: lost packets are sent again on their own SSRC,
 * and the SFU sends what is asked for without estimating the link.
 */
export const RECEIVE_CAPABILITIES: Opaque = {
  codecs: [
    {
      kind: 'audio',
      mimeType: 'audio/opus',
      preferredPayloadType: 111,
      clockRate: 48_000,
      channels: 2,
      rtcpFeedback: [{ type: 'nack' }],
    },
    {
      kind: 'video',
      mimeType: 'video/VP8',
      preferredPayloadType: 96,
      clockRate: 90_000,
      rtcpFeedback: [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }],
    },
  ],
  headerExtensions: [],
};

/** A participant's media without a browser: real ICE, DTLS, SRTP, Opus and VP8, a transport for each direction. */
export class WebRtcClient {
  readonly #signalling: Signalling;
  readonly #relayOnly: RelayOnly | undefined;
  readonly #transports = new Map<'send' | 'receive', Promise<WebRtcTransport>>();
  readonly #outgoing = new Map<string, OutgoingStream>();
  readonly #incoming = new Map<string, IncomingStream>();

  /** `relayOnly`: its network lets nothing else out. */
  constructor(signalling: Signalling, relayOnly?: RelayOnly) {
    this.#signalling = signalling;
    this.#relayOnly = relayOnly;
  }

  /** Sends a voice until stopped; resolves with its stream id. */
  async sendVoice(clip?: VoiceClip, level?: number): Promise<string> {
    return await this.#send('mic', OutgoingStream.voice(clip ?? (await opusVoice()), level));
  }

  /** Sends a picture until stopped; resolves with its stream id. */
  async sendPicture(clip?: PictureClip, source: 'camera' | 'screen' = 'camera'): Promise<string> {
    return await this.#send(source, OutgoingStream.picture(clip ?? (await vp8Picture())));
  }

  async #send(source: StreamSource, outgoing: OutgoingStream): Promise<string> {
    const transport = await this.transport('send');
    const stream = await this.#signalling.produce(transport.id, source, outgoing.rtpParameters);
    this.#outgoing.set(stream, outgoing);
    outgoing.start(transport);
    return stream;
  }

  outgoing(stream: string): OutgoingStream | undefined {
    return this.#outgoing.get(stream);
  }

  /** Sends no more packets of it; closing it is the signalling's. */
  stop(stream: string): void {
    this.#outgoing.get(stream)?.stop();
    this.#outgoing.delete(stream);
  }

  /** Ready to receive, and still paused: `resume` it. */
  async prepare(stream: string): Promise<IncomingStream> {
    const transport = await this.transport('receive');
    const options = await this.#signalling.consume(transport.id, stream, RECEIVE_CAPABILITIES);
    const incoming = new IncomingStream(options, transport);
    this.#incoming.set(incoming.consumer, incoming);
    return incoming;
  }

  async resume(incoming: IncomingStream): Promise<void> {
    await this.#signalling.receive(incoming.consumer, false);
  }

  async receive(stream: string): Promise<IncomingStream> {
    const incoming = await this.prepare(stream);
    await this.resume(incoming);
    return incoming;
  }

  get incoming(): readonly IncomingStream[] {
    return [...this.#incoming.values()];
  }

  /** Forgets a consumer that the other end has closed. */
  drop(consumer: string): void {
    this.#incoming.get(consumer)?.close();
    this.#incoming.delete(consumer);
  }

  /** Finds a new path for a direction without opening it anew. */
  async restartIce(direction: 'send' | 'receive'): Promise<void> {
    const transport = await this.transport(direction);
    await transport.restartIce(await this.#signalling.restart(transport.id));
  }

  /** Opened when first needed. */
  transport(direction: 'send' | 'receive'): Promise<WebRtcTransport> {
    const known = this.#transports.get(direction);
    if (known) return known;
    const opening = this.#open(direction);
    this.#transports.set(direction, opening);
    return opening;
  }

  async #open(direction: 'send' | 'receive'): Promise<WebRtcTransport> {
    const options = await this.#signalling.open(direction);
    const connect = (dtls: Opaque) => this.#signalling.connect(options.id, dtls);
    return await WebRtcTransport.connect(options, connect, this.#relayOnly);
  }

  /** Ends all streams and transports here, as after `media.moved`: what is sent or received next opens new ones. */
  async reset(): Promise<void> {
    for (const outgoing of this.#outgoing.values()) outgoing.stop();
    for (const incoming of this.#incoming.values()) incoming.close();
    this.#outgoing.clear();
    this.#incoming.clear();
    const transports = [...this.#transports.values()];
    this.#transports.clear();
    const opened = await Promise.allSettled(transports);
    await Promise.all(
      opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value.close()] : [])),
    );
  }

  async close(): Promise<void> {
    await this.reset();
  }
}
