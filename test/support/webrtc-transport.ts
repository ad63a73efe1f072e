import {
  IceCandidate,
  RTCDtlsFingerprint,
  RTCDtlsParameters,
  RTCDtlsTransport,
  RTCIceGatherer,
  RTCIceParameters,
  RTCIceTransport,
  type RtcpPacket,
  type RtpHeader,
  type RtpPacket,
} from 'werift';
import { z } from 'zod';
import type { IceServer, Opaque, TransportOptions } from '../../protocol/media.ts';

const Ice = z.object({
  usernameFragment: z.string(),
  password: z.string(),
  iceLite: z.boolean().default(false),
});

const Candidate = z.object({
  foundation: z.string(),
  priority: z.number(),
  ip: z.string(),
  port: z.number(),
  protocol: z.enum(['udp', 'tcp']),
  type: z.string(),
});

/** `turns:<host>:<port>?transport=tcp`: RFC 7065. */
const TURN_URL = /^turns:([\d.]+):(\d+)\?transport=tcp$/;

/** The relay that is the only way out, and whom its certificate is from (PEM). */
export interface RelayOnly {
  readonly ca: string;
}

const Dtls = z.object({ fingerprints: z.array(z.object({ algorithm: z.string(), value: z.string() })) });

/** AEAD_AES_128_GCM, then AES128_CM_SHA1_80: https://www.iana.org/assignments/srtp-protection */
const SRTP_PROFILES: (7 | 1)[] = [7, 1];

/** What was offered, where it was asked for over a lesson's socket. */
export type OfferedTransport = TransportOptions & { readonly iceServers?: readonly IceServer[] };

/** The client's end of one mediasoup transport: ICE, DTLS and SRTP, over UDP, or over a relay and TLS. */
export class WebRtcTransport {
  readonly id: string;
  readonly #options: TransportOptions;
  readonly #ice: RTCIceTransport;
  readonly #dtls: RTCDtlsTransport;
  readonly #onRtp = new Set<(packet: RtpPacket) => void>();
  readonly #onRtcp = new Set<(packet: RtcpPacket) => void>();
  /** RTP packets still to be lost on the way, for tests of their repair. */
  readonly lose = { sent: 0, received: 0 };
  /** RTP packets that are lost on their way here for other reasons than their number. */
  loses: (packet: RtpPacket) => boolean = () => false;

  private constructor(options: TransportOptions, ice: RTCIceTransport, dtls: RTCDtlsTransport) {
    this.id = options.id;
    this.#options = options;
    this.#ice = ice;
    this.#dtls = dtls;
    dtls.onRtp.subscribe((packet) => {
      if (this.lose.received-- > 0) return;
      this.lose.received = 0;
      if (this.loses(packet)) return;
      for (const listener of this.#onRtp) listener(packet);
    });
    dtls.onRtcp.subscribe((packet) => {
      for (const listener of this.#onRtcp) listener(packet);
    });
  }

  /**
   * Resolves once media can flow. `connect` hands our DTLS parameters to the other end. Rejects where ICE finds no
   * path or the certificate is another than was promised.
   */
  static async connect(
    options: OfferedTransport,
    connect: (dtlsParameters: Opaque) => Promise<void>,
    relayOnly?: RelayOnly,
  ): Promise<WebRtcTransport> {
    await RTCDtlsTransport.SetupCertificate();
    const ice = new RTCIceTransport(
      new RTCIceGatherer(
        relayOnly
          ? overRelay(options.iceServers?.[0], relayOnly)
          : // Loopback as well: the media node under test may listen nowhere else.
            { useIpv6: false, additionalHostAddresses: ['127.0.0.1'] },
      ),
    );
    const dtls = new RTCDtlsTransport({}, ice, undefined, SRTP_PROFILES);
    dtls.role = 'client';
    const transport = new WebRtcTransport(options, ice, dtls);
    try {
      const { fingerprints } = dtls.localParameters;
      await connect({
        role: 'client',
        fingerprints: fingerprints.map((fingerprint) => ({ ...fingerprint })),
      });
      await transport.#findPath(options.iceParameters);
      const remote = Dtls.parse(options.dtlsParameters).fingerprints;
      dtls.setRemoteParams(
        new RTCDtlsParameters(
          remote.map(({ algorithm, value }) => new RTCDtlsFingerprint(algorithm, value)),
          'server',
        ),
      );
      await inTime(dtls.start(), 'DTLS handshake');
      return transport;
    } catch (error) {
      await transport.close();
      throw error;
    }
  }

  /** Goes on over a new path, with what the other end answered when asked for new ICE parameters. */
  async restartIce(iceParameters: Opaque): Promise<void> {
    this.#ice.restart();
    await this.#findPath(iceParameters);
  }

  async #findPath(iceParameters: Opaque): Promise<void> {
    this.#ice.connection.iceControlling = true; // the other end is ICE lite
    this.#ice.setRemoteParams(new RTCIceParameters(Ice.parse(iceParameters)));
    await this.#ice.gather();
    for (const value of this.#options.iceCandidates) {
      const candidate = Candidate.parse(value);
      if (candidate.protocol !== 'udp') continue;
      const { foundation, ip, port, priority, protocol, type } = candidate;
      await this.#ice.addRemoteCandidate(new IceCandidate(1, foundation, ip, port, priority, protocol, type));
    }
    await this.#ice.addRemoteCandidate(undefined);
    await inTime(this.#ice.start(), 'ICE');
  }

  /** Bytes on the wire in both directions, SRTP included, without UDP and IP. */
  get bytes(): { sent: number; received: number } {
    return { sent: this.#dtls.bytesSent, received: this.#dtls.bytesReceived };
  }

  onRtp(listener: (packet: RtpPacket) => void): () => void {
    this.#onRtp.add(listener);
    return () => this.#onRtp.delete(listener);
  }

  onRtcp(listener: (packet: RtcpPacket) => void): () => void {
    this.#onRtcp.add(listener);
    return () => this.#onRtcp.delete(listener);
  }

  sendRtp(header: RtpHeader, payload: Buffer): void {
    if (this.lose.sent-- > 0) return;
    this.lose.sent = 0;
    void this.#dtls.sendRtp(payload, header);
  }

  sendRtcp(packets: RtcpPacket[]): void {
    void this.#dtls.sendRtcp(packets);
  }

  async close(): Promise<void> {
    this.#onRtp.clear();
    this.#onRtcp.clear();
    // Where the other end is dead, nobody answers the goodbye.
    await inTime(this.#dtls.stop(), 'closing DTLS', GOODBYE_MS).catch(() => undefined);
  }
}

function overRelay(server: IceServer | undefined, { ca }: RelayOnly) {
  const [, host = '', port] = TURN_URL.exec(server?.urls[0] ?? '') ?? [];
  if (!server || !port) throw new Error('no relay over TLS was offered');
  return {
    ...({ forceTurn: true, turnTransport: 'tls', turnTlsOptions: { ca } } as const),
    turnServer: [host, Number(port)] as [string, number],
    ...{ turnUsername: server.username, turnPassword: server.credential },
  };
}

/** The other end may die in the middle of it, and werift would wait for ever. */
const HANDSHAKE_MS = 5_000;
const GOODBYE_MS = 1_000;

async function inTime<T>(work: Promise<T>, what: string, ms = HANDSHAKE_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing within ${ms} ms`)), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
