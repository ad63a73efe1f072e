import type { types } from 'mediasoup-client';
import type { StreamSource } from '../../protocol/events.ts';

/** What is sent: a source, or the lead's voice once more for links that carry no other. */
export type Sending = StreamSource | 'thin';

/** How a microphone is coded: for speech, or for song and instruments. */
export type Sound = 'speech' | 'music';

/** What a voice may take where every listener's link has room, bit/s: hardly told from the original. */
export const GOOD_VOICE = 24_000;
export const CLASSROOM_VOICE = 12_000;

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
  opusMaxAverageBitrate: CLASSROOM_VOICE,
  opusMaxPlaybackRate: 16_000,
};

/** Full band, and nothing left out in pauses: a held note is no silence. 40 kbit/s on the wire, which link D carries. */
const MUSIC: types.ProducerCodecOptions = {
  ...VOICE,
  opusDtx: false,
  opusMaxAverageBitrate: 32_000,
  opusMaxPlaybackRate: 48_000,
};

/** 8 kbit/s in frames of 120 ms: 12 on the wire. Clear to understand, and all that 16 kbit/s have room for. */
const THIN: types.ProducerCodecOptions = { ...VOICE, opusPtime: 120, opusMaxAverageBitrate: 8_000 };

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
  source: Sending,
  { height, sound }: { height: number | undefined; sound: Sound },
): Pick<types.ProducerOptions, 'codecOptions' | 'encodings'> {
  if (source === 'thin') return { codecOptions: THIN };
  if (source === 'mic') return { codecOptions: sound === 'music' ? MUSIC : VOICE };
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
