import type { RouterRtpCodecCapability, RtpCapabilities } from 'mediasoup/types';

/** Hz, whatever is coded: RFC 7587 section 4.1. */
export const OPUS_CLOCK_RATE = 48_000;

/**
 * What every router speaks. A client sends the first of a kind unless it asks for another: VP8, the one that
 * every browser encodes in simulcast and every recorder unpacks. mediasoup adds the rtx codecs itself.
 */
export const ROUTER_CODECS: RouterRtpCodecCapability[] = [
  {
    kind: 'audio',
    mimeType: 'audio/opus',
    clockRate: OPUS_CLOCK_RATE,
    // Always 2 in signalling, whatever is sent: RFC 7587 section 7.
    channels: 2,
    // Becomes the fmtp line that a browser's encoder obeys: repair of single losses, nothing sent in silence.
    parameters: { useinbandfec: 1, usedtx: 1 },
  },
  { kind: 'video', mimeType: 'video/VP8', clockRate: 90_000 },
  {
    kind: 'video',
    mimeType: 'video/H264',
    clockRate: 90_000,
    // Constrained baseline, level 3.1: the profile that RFC 7742 section 6.2 has every browser support.
    parameters: { 'packetization-mode': 1, 'profile-level-id': '42e01f', 'level-asymmetry-allowed': 1 },
  },
  { kind: 'video', mimeType: 'video/VP9', clockRate: 90_000, parameters: { 'profile-id': 0 } },
];

/**
 * A receiver on this host: it loses nothing and estimates nothing. Without rtx, and without the header extensions
 * that make mediasoup estimate a bandwidth, since a recorder that sends no feedback would be held at the first guess.
 */
export function localReceiver(
  router: RtpCapabilities,
  headerExtensions: readonly string[] = [],
): RtpCapabilities {
  const media = (router.codecs ?? []).filter((codec) => !codec.mimeType.toLowerCase().endsWith('/rtx'));
  return {
    codecs: media.map((codec) => ({
      ...codec,
      rtcpFeedback: codec.kind === 'video' ? [{ type: 'nack', parameter: 'pli' }] : [],
    })),
    headerExtensions: (router.headerExtensions ?? []).filter(({ uri }) => headerExtensions.includes(uri)),
  };
}
