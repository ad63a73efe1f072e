import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clip } from '../../support/clip.ts';

/** What is in front of a fake camera and microphone: known again at the other end by its tone and its colour. */
export interface Scene {
  readonly name: string;
  readonly hz: number;
  /** Of the whole picture but for a white bar that wanders through it. */
  readonly colour: readonly [red: number, green: number, blue: number];
}

export const AT_THE_HUB: Scene = { name: 'hub', hz: 440, colour: [32, 64, 160] };
export const IN_THE_VILLAGE: Scene = { name: 'village', hz: 1000, colour: [160, 48, 32] };

/** As long as the picture's bar takes to come round and the tone to repeat, seconds. */
const SECONDS = 6;

export interface SceneFiles {
  /** Chromium's switches that make this scene its camera and microphone. */
  readonly flags: readonly string[];
  close(): Promise<void>;
}

export async function filesOf(scene: Scene): Promise<SceneFiles> {
  const folder = await mkdtemp(join(tmpdir(), `tongke-scene-${scene.name}-`));
  const [voice, picture] = [join(folder, 'voice.wav'), join(folder, 'picture.mjpeg')];
  await writeFile(voice, await clip(`e2e-syllables-${scene.hz}hz.wav`, voiceArguments(scene)));
  await writeFile(picture, await clip(`e2e-bar-${scene.colour.join('-')}.mjpeg`, pictureArguments(scene)));
  return {
    flags: [`--use-file-for-fake-audio-capture=${voice}`, `--use-file-for-fake-video-capture=${picture}`],
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

/** In syllables: a steady tone is what a browser's noise suppression is made to take away. */
function voiceArguments({ hz }: Scene): string[] {
  const syllables = `0.5*sin(2*PI*${hz}*t)*lt(mod(t\\,0.5)\\,0.3)`;
  return ['-f', 'lavfi', '-i', `aevalsrc=${syllables}:s=48000:d=${SECONDS}`, '-c:a', 'pcm_s16le'];
}

function pictureArguments({ colour }: Scene): string[] {
  const hex = colour.map((part) => part.toString(16).padStart(2, '0')).join('');
  return [
    ...['-f', 'lavfi', '-i', `color=c=0x${hex}:size=640x360:rate=15:duration=${SECONDS}`],
    ...['-f', 'lavfi', '-i', `color=c=white:size=80x360:rate=15:duration=${SECONDS}`],
    ...[
      '-filter_complex',
      `overlay=x=560*t/${SECONDS}`,
      '-pix_fmt',
      'yuvj420p',
      '-c:v',
      'mjpeg',
      '-q:v',
      '5',
    ],
  ];
}
