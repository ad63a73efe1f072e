import { z } from 'zod';

/** Why a camera or microphone cannot be had. Faces have a sentence for each under `device.<code>`. */
export type DeviceProblem =
  | 'insecure_origin' // browsers give devices only to HTTPS pages (and to localhost)
  | 'camera_refused'
  | 'camera_missing'
  | 'camera_busy' // another program has it
  | 'microphone_refused'
  | 'microphone_missing'
  | 'microphone_busy'
  | 'screen_refused'
  | 'device_failed';

export class DeviceError extends Error {
  readonly code: DeviceProblem;
  constructor(code: DeviceProblem, options?: ErrorOptions) {
    super(code, options);
    this.name = 'DeviceError';
    this.code = code;
  }
}

export interface DeviceChoice {
  readonly id: string;
  /** The system's name for it; empty until a permission was given once. */
  readonly label: string;
}

export interface Devices {
  readonly cameras: readonly DeviceChoice[];
  readonly microphones: readonly DeviceChoice[];
  readonly speakers: readonly DeviceChoice[];
}

type DeviceKind = 'camera' | 'microphone';

export async function listDevices(): Promise<Devices> {
  const found = await mediaDevices().enumerateDevices();
  const of = (kind: MediaDeviceKind) =>
    found
      .filter((device) => device.kind === kind && device.deviceId !== '')
      .map(({ deviceId: id, label }) => ({ id, label }));
  return { cameras: of('videoinput'), microphones: of('audioinput'), speakers: of('audiooutput') };
}

/** Calls when a device is plugged in or pulled out. Returns what stops it. */
export function watchDevices(listener: () => void): () => void {
  if (!navigator.mediaDevices) return () => {};
  navigator.mediaDevices.addEventListener('devicechange', listener);
  return () => navigator.mediaDevices.removeEventListener('devicechange', listener);
}

/**
 * Opens a camera: `id`, or the one last used, or any. Its track is 640x360 or the nearest there is, which is what the
 * highest layer sends. Throws DeviceError.
 */
export async function openCamera(id = rememberedDevices().camera): Promise<MediaStreamTrack> {
  const video = { width: { ideal: 640 }, height: { ideal: 360 }, frameRate: { ideal: 25 } };
  const stream = await open('camera', (deviceId) => ({ video: { ...video, deviceId } }), id);
  return firstTrack(stream.getVideoTracks(), 'camera_missing');
}

/** What becomes of a room's sound before it is sent. All on by default, as a loudspeaker near a microphone needs. */
export interface VoiceProcessing {
  readonly echoCancellation?: boolean;
  readonly noiseSuppression?: boolean;
  readonly autoGainControl?: boolean;
}

/** Opens a microphone: `id`, or the one last used, or any. Throws DeviceError. */
export async function openMicrophone(
  id = rememberedDevices().microphone,
  processing: VoiceProcessing = {},
): Promise<MediaStreamTrack> {
  const wanted = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, ...processing };
  const audio = { ...wanted, channelCount: { ideal: 1 } };
  const stream = await open('microphone', (deviceId) => ({ audio: { ...audio, deviceId } }), id);
  return firstTrack(stream.getAudioTracks(), 'microphone_missing');
}

/** Lets the person choose a screen or window. Throws DeviceError; `screen_refused` also where they changed their mind. */
export async function openScreen(): Promise<MediaStreamTrack> {
  try {
    const video = { height: { max: 1080 }, frameRate: { max: 15 } };
    const stream = await mediaDevices().getDisplayMedia({ video, audio: false });
    const track = firstTrack(stream.getVideoTracks(), 'screen_refused');
    track.contentHint = 'detail'; // letters before motion
    return track;
  } catch (error) {
    if (error instanceof DeviceError) throw error;
    throw new DeviceError(isNamed(error, 'NotAllowedError') ? 'screen_refused' : 'device_failed', {
      cause: error,
    });
  }
}

const Remembered = z.object({
  camera: z.string().optional(),
  microphone: z.string().optional(),
  speaker: z.string().optional(),
});
export type RememberedDevices = z.infer<typeof Remembered>;

const REMEMBERED_KEY = 'tongke.devices';

/** What was chosen last on this machine. */
export function rememberedDevices(): RememberedDevices {
  const text = localStorage.getItem(REMEMBERED_KEY);
  if (!text) return {};
  try {
    const remembered = Remembered.safeParse(JSON.parse(text));
    return remembered.success ? remembered.data : {};
  } catch {
    return {}; // not JSON: nothing that this page wrote
  }
}

export function rememberDevices(choice: RememberedDevices): void {
  localStorage.setItem(REMEMBERED_KEY, JSON.stringify({ ...rememberedDevices(), ...choice }));
}

/** Calls with the loudness of a track, 0 (silence) to 1 (clipping), some 15 times a second. Returns what stops it. */
export function watchLevel(track: MediaStreamTrack, listener: (level: number) => void): () => void {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    // From -60 dB, a quiet room, to 0 dB: loudness as an ear would say it.
    listener(Math.min(1, Math.max(0, 1 + (10 * Math.log10(power + 1e-9)) / 60)));
  }, 66);
  return () => {
    clearInterval(timer);
    context.close().catch((error: unknown) => console.error('An audio meter could not be closed', error));
  };
}

async function open(
  kind: DeviceKind,
  constraints: (deviceId: ConstrainDOMString | undefined) => MediaStreamConstraints,
  id: string | undefined,
): Promise<MediaStream> {
  const devices = mediaDevices();
  try {
    return await devices.getUserMedia(constraints(id === undefined ? undefined : { ideal: id }));
  } catch (error) {
    throw new DeviceError(problemOf(kind, error), { cause: error });
  }
}

function mediaDevices(): MediaDevices {
  if (!navigator.mediaDevices) throw new DeviceError('insecure_origin');
  return navigator.mediaDevices;
}

function problemOf(kind: DeviceKind, error: unknown): DeviceProblem {
  if (isNamed(error, 'NotAllowedError') || isNamed(error, 'SecurityError')) return `${kind}_refused`;
  if (isNamed(error, 'NotFoundError') || isNamed(error, 'OverconstrainedError')) return `${kind}_missing`;
  if (isNamed(error, 'NotReadableError') || isNamed(error, 'AbortError')) return `${kind}_busy`;
  return 'device_failed';
}

const isNamed = (error: unknown, name: string) => error instanceof DOMException && error.name === name;

function firstTrack(tracks: readonly MediaStreamTrack[], otherwise: DeviceProblem): MediaStreamTrack {
  const [track] = tracks;
  if (!track) throw new DeviceError(otherwise);
  return track;
}
