import type { types } from 'mediasoup-client';
import type { StreamSource } from '../../protocol/events.ts';

/**
 * Speech for a 64 kbit/s link: at 60 ms a frame, headers cost a third of what they do at 20 ms; 12 kbit/s of
 * wide-band Opus is clear speech, about 20 kbit/s on the wire. FEC and NACK repair a lossy link, DTX sends no silence.
 */
const VOICE: types.ProducerCodecOptions = {
  opusStereo: false,
  opusDtx: true,
  opusFec: true,
  opusNack: true,
  opusPtime: 60,
  opusMaxAverageBitrate: 12_000,
  opusMaxPlaybackRate: 16_000,
};

interface Layer {
  readonly height: number;
  readonly maxBitrate: number;
  readonly maxFramerate: number;
}

/** The lowest layer is what a thin link still carries beside the voice: a face that moves. */
const CAMERA: readonly Layer[] = [
  { height: 90, maxBitrate: 50_000, maxFramerate: 6 },
  { height: 180, maxBitrate: 150_000, maxFramerate: 15 },
  { height: 360, maxBitrate: 500_000, maxFramerate: 25 },
];

/** Text needs its pixels more than motion. */
const SCREEN: readonly Layer[] = [
  { height: 540, maxBitrate: 200_000, maxFramerate: 3 },
  { height: 1080, maxBitrate: 1_200_000, maxFramerate: 8 },
];

/** How a source is coded. `height` is what its track delivers, in pixels. */
export function encodingOf(
  source: StreamSource,
  height: number | undefined,
): Pick<types.ProducerOptions, 'codecOptions' | 'encodings'> {
  if (source === 'mic') return { codecOptions: VOICE };
  const layers = source === 'camera' ? CAMERA : SCREEN;
  const top = layers.at(-1)?.height ?? 1;
  const encodings = layers.map((layer) => ({
    maxBitrate: layer.maxBitrate,
    maxFramerate: layer.maxFramerate,
    // In three steps of frames a second: the least of the least is a face every half second in 20 kbit/s.
    scalabilityMode: 'L1T3',
    // Never enlarged; the steps between layers stay powers of two, which encoders share work over.
    scaleResolutionDownBy: (top / layer.height) * Math.max(1, (height ?? top) / top),
  }));
  return { encodings, codecOptions: { videoGoogleStartBitrate: 100 } };
}
