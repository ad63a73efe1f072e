import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Captured } from '../../support/chromium.ts';

/*
 * Files that Chromium takes for a camera and a microphone: what it does with them, from capture on, is what it does
 * with real ones. A camera's file is played again and again, a microphone's too.
 */

export type FakeCamera = 'good' | 'black' | 'frozen' | 'blurred';
export type FakeMicrophone = 'hum' | 'silent';

const WIDTH = 320;
const HEIGHT = 240;
const FRAMES = 12;
const RATE = 48_000;
const SECONDS = 2;

export interface FakeDevices {
  readonly camera: FakeCamera;
  readonly microphone: FakeMicrophone;
}

/** Writes both into the folder; gives where they are. */
export async function fakeDevices(
  folder: string,
  { camera, microphone }: FakeDevices,
): Promise<Required<Captured>> {
  const picture = join(folder, `${camera}.y4m`);
  const voice = join(folder, `${microphone}.wav`);
  await Promise.all([writeFile(picture, pictures(camera)), writeFile(voice, samples(microphone))]);
  return { picture, voice };
}

/** YUV4MPEG2, 4:2:0: https://wiki.multimedia.cx/index.php/YUV4MPEG2 */
function pictures(camera: FakeCamera): Buffer {
  const parts = [Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F12:1 Ip A1:1 C420jpeg\n`)];
  const noise = noiseOf(7);
  for (let frame = 0; frame < FRAMES; frame++) {
    const luma = Buffer.alloc(WIDTH * HEIGHT);
    for (let i = 0; i < luma.length; i++) {
      luma[i] = lumaAt(camera, i % WIDTH, Math.floor(i / WIDTH), frame, noise);
    }
    parts.push(Buffer.from('FRAME\n'), luma, Buffer.alloc((WIDTH * HEIGHT) / 2, 128));
  }
  return Buffer.concat(parts);
}

function lumaAt(camera: FakeCamera, x: number, y: number, frame: number, noise: () => number): number {
  switch (camera) {
    case 'good': // a wall with writing on it, a little noise, and somebody walking by
      return (
        90 + ((x >> 4) % 2) * 70 + ((y >> 4) % 2) * 30 + noise() * 6 + ((x + frame * 9) % WIDTH < 40 ? 20 : 0)
      );
    case 'black': // a cap on the lens: the sensor's own noise
      return 2 + noise() * 2;
    case 'frozen': // the same picture for ever
      return 90 + ((x >> 4) % 2) * 70 + ((y >> 4) % 2) * 30;
    case 'blurred': // soft shades that move
      return 110 + 60 * Math.sin((x + frame * 4) / 90) + 20 * Math.sin(y / 110);
  }
}

/** WAVE, 16 bits, mono. */
function samples(microphone: FakeMicrophone): Buffer {
  const count = RATE * SECONDS;
  const data = Buffer.alloc(count * 2);
  const noise = noiseOf(11);
  for (let i = 0; microphone === 'hum' && i < count; i++) {
    // A room at rest: the mains and a little of everything, some 50 dB below full scale.
    const hum = 0.003 * Math.sin((2 * Math.PI * 100 * i) / RATE);
    data.writeInt16LE(Math.round(32_767 * (hum + 0.001 * (noise() - 0.5))), i * 2);
  }
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + data.length, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(RATE, 24);
  head.writeUInt32LE(RATE * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(data.length, 40);
  return Buffer.concat([head, data]);
}

/** 0..1, the same each time: mulberry32. */
function noiseOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
