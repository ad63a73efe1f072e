import { networkInterfaces } from 'node:os';
import type { IceCandidate } from 'mediasoup/types';

/**
 * Where clients can reach this host: every IPv4 address it has on a network, and the loopback address last, for a
 * browser on the host itself. Asked anew for each transport, since a school's router hands out new addresses.
 */
export function localAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const onNetwork = all.filter(({ family, internal }) => family === 'IPv4' && !internal);
  return [...onNetwork.map(({ address }) => address), '127.0.0.1'];
}

/** One step of an ICE candidate's local preference: RFC 8445 section 5.1.2.1. */
const LOCAL_PREFERENCE = 2 ** 8;

/**
 * The worker listens once, on every address, and so knows one candidate a protocol; this makes it one for each
 * address, the first most preferred. An ICE lite agent answers wherever it is reached.
 */
export function announce(candidates: readonly IceCandidate[], addresses: readonly string[]): IceCandidate[] {
  return candidates.flatMap((candidate) =>
    addresses.map((address, index) => ({
      ...candidate,
      foundation: `${candidate.foundation}${index}`,
      priority: candidate.priority - index * LOCAL_PREFERENCE,
      ip: address,
      address,
    })),
  );
}
