import type { types } from 'mediasoup-client';
import type { MediaKind, Opaque } from '../../protocol/media.ts';
import type { Input, Output } from '../../protocol/requests.ts';
import { ownIdentity } from './handshake.ts';
import { type KnownMedia, knownMedia } from './known-media.ts';

export type Opening = Promise<Output<'media.open'>>;

/** How to ask for a way, with all that is known beforehand: each thing that need not be asked is a round trip less. */
export function toOpen(direction: 'send' | 'receive', known: KnownMedia | null): Input<'media.open'> {
  return {
    ...{ direction, datagrams: direction === 'receive', dtlsParameters: ownIdentity()?.dtlsParameters },
    ...(direction === 'receive' && known && { rtpCapabilities: only('audio', known.own) }),
  };
}

/** The way to receive, with what was kept from an earlier lesson. */
export function toReceive(): Input<'media.open'> {
  return toOpen('receive', knownMedia());
}

/** Capabilities for one kind: a third, or two, of what they are together, on a link on which a kilobyte takes 250 ms. */
export function only(kind: MediaKind, capabilities: types.RtpCapabilities | Opaque): Opaque {
  const of = (list: unknown) => (Array.isArray(list) ? list.filter((each) => each.kind === kind) : []);
  return { codecs: of(capabilities.codecs), headerExtensions: of(capabilities.headerExtensions) };
}
