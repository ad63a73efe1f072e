import type { Consumer, WebRtcTransport } from 'mediasoup/types';
import type { TransportStats } from '../protocol/media.ts';

/** A transport has one link: what a few of its streams report of it stands for all. */
const ASKED = 4;

/** How the link under a transport does, by its own count and by its receivers' reports (RTCP). */
export async function transportStats(
  transport: WebRtcTransport,
  consumers: readonly Consumer[],
): Promise<TransportStats> {
  const playing = consumers.filter((consumer) => !consumer.paused && !consumer.producerPaused);
  const [[own], ...reports] = await Promise.all([
    transport.getStats(),
    ...playing.slice(0, ASKED).map((consumer) => consumer.getStats()),
  ]);
  const streams = reports.flat().filter(({ type }) => type === 'outbound-rtp');
  const roundTrips = streams.flatMap(({ roundTripTime }) => (roundTripTime ? [roundTripTime] : []));
  // RTCP counts lost packets in 256ths: RFC 3550 section 6.4.1.
  const losses = streams.map(({ fractionLost }) => fractionLost / 256);
  return {
    availableOutgoingBitrate: own?.availableOutgoingBitrate ?? null,
    keptBack: playing.some(isKeptBack),
    roundTripMs: roundTrips.length > 0 ? Math.max(...roundTrips) : null,
    loss: losses.length > 0 ? Math.max(...losses) : null,
    packetsSent: streams.reduce((sum, { packetCount }) => sum + packetCount, 0),
    packetsResent: streams.reduce((sum, { packetsRetransmitted }) => sum + packetsRetransmitted, 0),
    bytesSent: own?.bytesSent ?? 0,
    bytesReceived: own?.bytesReceived ?? 0,
  };
}

/** Of simulcast layers: those that are asked for, those that are sent (a score of 0 is of one that is not), and the one passed on. */
function isKeptBack({ type, preferredLayers, currentLayers, score }: Consumer): boolean {
  if (type !== 'simulcast' || !preferredLayers) return false;
  const sent = score.producerScores.findLastIndex((each) => each > 0);
  return (currentLayers?.spatialLayer ?? -1) < Math.min(preferredLayers.spatialLayer, sent);
}
