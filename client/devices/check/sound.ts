import { DeviceError } from '../../lesson/devices.ts';
import { pause } from './camera.ts';
import type { SoundMeasures } from './judge.ts';

/** A pitch that small loudspeakers play and rooms do not hum; not a multiple of the mains' 50 Hz. */
const TONE_HZ = 1_187;
const QUIET_MS = 700;
const TONE_MS = 900;
/** Bluetooth loudspeakers are half a second late. */
const AFTER_MS = 900;
const LOOK_EVERY_MS = 20;
/** The tone counts as heard where it stands this far above the room, dB. */
const ONSET_DB = 8;
/** Looks over which a tone must last to be one: a fifth of a second. */
const LASTS_LOOKS = 11;
/** Below this under the tone, dB, its echo is no trouble to a voice. */
const FAINT_DB = 20;
const FFT = 2_048;
const FLOOR_DB = -120;

interface Heard {
  readonly at: number;
  /** Loudness of all, and at the tone's pitch, dB below full scale. */
  readonly peakDb: number;
  readonly toneDb: number;
}

/**
 * Plays a tone and listens for it; with `volume` null it only listens. The microphone as it is, without what browsers do to voices: echo cancelling would
 * take away the very tone that is listened for. Throws DeviceError, or `SoundBlocked`.
 */
export async function measureSound(volume: number | null): Promise<SoundMeasures> {
  const track = await openPlainMicrophone();
  const context = new AudioContext();
  try {
    await Promise.race([context.resume(), pause(1_000)]);
    if (context.state !== 'running') throw new SoundBlocked();
    const analyser = context.createAnalyser();
    analyser.fftSize = FFT;
    context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
    const before = await listen(analyser, QUIET_MS);
    const startedAt = performance.now();
    if (volume !== null) playTone(context, volume, TONE_MS);
    const during = await listen(analyser, TONE_MS + AFTER_MS);
    return measuresOf(before, during, startedAt);
  } finally {
    track.stop();
    await context.close();
  }
}

/** The page has not been touched, and the browser keeps quiet. */
export class SoundBlocked extends Error {
  override readonly name = 'SoundBlocked';
}

/** The test tone on its own, for whoever stands in the room with a telephone. */
export async function soundTone(volume: number): Promise<void> {
  const context = new AudioContext();
  try {
    await Promise.race([context.resume(), pause(1_000)]);
    if (context.state !== 'running') throw new SoundBlocked('the browser plays no sound yet');
    playTone(context, volume, 1_500);
    await pause(1_700);
  } finally {
    await context.close();
  }
}

function playTone(context: AudioContext, volume: number, ms: number): void {
  const oscillator = context.createOscillator();
  const gain = context.createGain();
  const from = context.currentTime;
  oscillator.frequency.value = TONE_HZ;
  // Faded in and out within 20 ms: a click is heard at every pitch.
  gain.gain.setValueAtTime(0, from);
  gain.gain.linearRampToValueAtTime(0.5 * volume, from + 0.02);
  gain.gain.setValueAtTime(0.5 * volume, from + ms / 1000 - 0.02);
  gain.gain.linearRampToValueAtTime(0, from + ms / 1000);
  oscillator.connect(gain).connect(context.destination);
  oscillator.start(from);
  oscillator.stop(from + ms / 1000);
}

async function listen(analyser: AnalyserNode, ms: number): Promise<Heard[]> {
  const samples = new Float32Array(analyser.fftSize);
  const heard: Heard[] = [];
  const until = performance.now() + ms;
  while (performance.now() < until) {
    await pause(LOOK_EVERY_MS);
    analyser.getFloatTimeDomainData(samples);
    heard.push({
      at: performance.now(),
      peakDb: decibels(samples.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0)),
      toneDb: decibels(goertzel(samples, TONE_HZ / analyser.context.sampleRate)),
    });
  }
  return heard;
}

/** The amplitude at one frequency (cycles a sample), by Goertzel's algorithm under a Hann window. */
function goertzel(samples: Float32Array, frequency: number): number {
  const coefficient = 2 * Math.cos(2 * Math.PI * frequency);
  let [one, two] = [0, 0];
  for (let i = 0; i < samples.length; i++) {
    const hann = 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / samples.length);
    [one, two] = [(samples[i] ?? 0) * hann + coefficient * one - two, one];
  }
  const power = one * one + two * two - coefficient * one * two;
  // The window halves what is seen of an amplitude.
  return (4 * Math.sqrt(Math.max(0, power))) / samples.length;
}

function measuresOf(before: readonly Heard[], during: readonly Heard[], startedAt: number): SoundMeasures {
  const quietDb = median(before.map(({ peakDb }) => peakDb));
  const noiseDb = median(before.map(({ toneDb }) => toneDb));
  // A door that slams has every pitch, for a moment; the tone stays.
  const lasting = during.map((_, i) => median(during.slice(i, i + LASTS_LOOKS).map((one) => one.toneDb)));
  const full = lasting.slice(0, -LASTS_LOOKS);
  const toneDb = Math.max(FLOOR_DB, ...full);
  const onset = full.findIndex((db) => db > Math.max(noiseDb + ONSET_DB, toneDb - 12));
  const at = during[onset]?.at;
  const faint = Math.max(noiseDb + ONSET_DB, toneDb - FAINT_DB);
  const heardUntil = during.findLast(({ toneDb: db }) => db > faint)?.at ?? startedAt;
  return {
    quietDb,
    peakDb: Math.max(quietDb, ...during.map(({ peakDb }) => peakDb)),
    gainDb: toneDb - noiseDb,
    delayMs: at !== undefined && toneDb > noiseDb + ONSET_DB ? at - startedAt : null,
    echoMs: Math.max(0, heardUntil - (at ?? startedAt) - TONE_MS),
  };
}

function decibels(amplitude: number): number {
  return Math.max(FLOOR_DB, 20 * Math.log10(amplitude + 1e-9));
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? FLOOR_DB;
}

async function openPlainMicrophone(): Promise<MediaStreamTrack> {
  if (!navigator.mediaDevices) throw new DeviceError('insecure_origin');
  const audio = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  try {
    const [track] = (await navigator.mediaDevices.getUserMedia({ audio })).getAudioTracks();
    if (track) return track;
    throw new DeviceError('microphone_missing');
  } catch (error) {
    if (error instanceof DeviceError) throw error;
    const name = error instanceof DOMException ? error.name : '';
    if (name === 'NotAllowedError') throw new DeviceError('microphone_refused', { cause: error });
    if (name === 'NotFoundError') throw new DeviceError('microphone_missing', { cause: error });
    throw new DeviceError('microphone_busy', { cause: error });
  }
}
