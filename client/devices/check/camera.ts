import { openCamera } from '../../lesson/devices.ts';
import type { CameraMeasures } from './judge.ts';

const WIDTH = 160;
const HEIGHT = 120;
const PICTURES = 5;
const BETWEEN_MS = 250;
/** Cameras begin dark and open up within a second. */
const WARM_UP_MS = 1_000;
const FIRST_PICTURE_MS = 5_000;

/** Looks through the camera for two seconds. Throws DeviceError where it cannot be opened. */
export async function measureCamera(): Promise<CameraMeasures> {
  const track = await openCamera();
  const video = document.createElement('video');
  try {
    video.muted = true;
    video.srcObject = new MediaStream([track]);
    await within(FIRST_PICTURE_MS, video.play());
    await pause(WARM_UP_MS);
    const pictures: Float32Array[] = [];
    for (let i = 0; i < PICTURES; i++) {
      pictures.push(lumaOf(video));
      await pause(BETWEEN_MS);
    }
    return measuresOf(pictures);
  } finally {
    video.srcObject = null;
    track.stop();
  }
}

/** ITU-R BT.601 luma of the picture now, small. */
function lumaOf(video: HTMLVideoElement): Float32Array {
  const canvas = new OffscreenCanvas(WIDTH, HEIGHT);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('no canvas');
  context.drawImage(video, 0, 0, WIDTH, HEIGHT);
  const { data } = context.getImageData(0, 0, WIDTH, HEIGHT);
  const luma = new Float32Array(WIDTH * HEIGHT);
  for (let i = 0; i < luma.length; i++) {
    luma[i] = 0.299 * (data[4 * i] ?? 0) + 0.587 * (data[4 * i + 1] ?? 0) + 0.114 * (data[4 * i + 2] ?? 0);
  }
  return luma;
}

function measuresOf(pictures: readonly Float32Array[]): CameraMeasures {
  const last = pictures.at(-1) ?? new Float32Array(1);
  const brightness = mean(last);
  const contrast = Math.sqrt(mean(last.map((value) => (value - brightness) ** 2)));
  // The greatest: a clock on a wall moves once a second, and that is enough.
  const changes = pictures.slice(1).map((picture, i) => {
    const before = pictures[i] ?? picture;
    return mean(picture.map((value, at) => Math.abs(value - (before[at] ?? value))));
  });
  const edges = laplacian(last);
  const middle = mean(edges);
  return {
    brightness,
    contrast,
    change: Math.max(0, ...changes),
    sharpness: mean(edges.map((value) => (value - middle) ** 2)),
  };
}

function laplacian(luma: Float32Array): Float32Array {
  const at = (x: number, y: number) => luma[y * WIDTH + x] ?? 0;
  const edges = new Float32Array((WIDTH - 2) * (HEIGHT - 2));
  for (let y = 1; y < HEIGHT - 1; y++) {
    for (let x = 1; x < WIDTH - 1; x++) {
      const around = at(x - 1, y) + at(x + 1, y) + at(x, y - 1) + at(x, y + 1);
      edges[(y - 1) * (WIDTH - 2) + x - 1] = around - 4 * at(x, y);
    }
  }
  return edges;
}

function mean(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the camera gives no picture')), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
