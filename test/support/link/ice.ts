import { z } from 'zod';
import type { Opaque, TransportOptions } from '../../../protocol/media.ts';
import type { Signalling } from '../webrtc.ts';
import type { Link } from './link.ts';

/** Which ICE candidates a client is left with: a network that lets no UDP out leaves `['tcp']`. */
export type Protocols = readonly ('udp' | 'tcp')[];

const BOTH: Protocols = ['udp', 'tcp'];

const Candidate = z.looseObject({ protocol: z.enum(['udp', 'tcp']), ip: z.string(), port: z.number() });

/** The same transport as it is reached over the link. */
export async function throughLink(
  link: Link,
  options: TransportOptions,
  protocols: Protocols = BOTH,
): Promise<TransportOptions> {
  const candidates = options.iceCandidates.map((value) => Candidate.parse(value));
  const left = candidates.filter(({ protocol }) => protocols.includes(protocol));
  const iceCandidates = await Promise.all(
    left.map(async (candidate): Promise<Opaque> => {
      const { host, port } = await relayed(link, candidate.protocol, candidate.ip, candidate.port);
      return { ...candidate, ip: host, address: host, port };
    }),
  );
  return { ...options, iceCandidates };
}

/** Signalling whose client has all its media over the link. */
export function signalThroughLink(signalling: Signalling, link: Link, protocols?: Protocols): Signalling {
  return {
    ...signalling,
    open: async (direction) => throughLink(link, await signalling.open(direction), protocols),
  };
}

/** `a=candidate:<foundation> <component> <protocol> <priority> <address> <port> …`: RFC 8839 section 5.1. */
const CANDIDATE_LINE = /^(a=candidate:\S+ \d+ )(udp|tcp)( \d+ )(\S+) (\d+)(.*)$/i;

/** A remote description whose candidates are reached over the link. */
export async function sdpThroughLink(link: Link, sdp: string, protocols: Protocols = BOTH): Promise<string> {
  const lines = await Promise.all(
    sdp.split('\r\n').map(async (line) => {
      const [, head, protocol, priority, ip, port, tail] = CANDIDATE_LINE.exec(line) ?? [];
      if (!protocol || !ip) return [line];
      const known = protocols.find((each) => each === protocol.toLowerCase());
      if (!known) return [];
      const relay = await relayed(link, known, ip, Number(port));
      return [`${head}${protocol}${priority}${relay.host} ${relay.port}${tail}`];
    }),
  );
  return lines.flat().join('\r\n');
}

function relayed(link: Link, protocol: 'udp' | 'tcp', host: string, port: number) {
  const target = { host, port };
  return protocol === 'udp' ? link.relayUdp({ target }) : link.relayTcp({ target });
}
