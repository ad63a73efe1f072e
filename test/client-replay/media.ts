import { execFile } from 'node:child_process';
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const FFMPEG = process.env.FFMPEG_BIN ?? 'ffmpeg';

/** Segments of 4 s in fMP4, as recordings are served. */
function hls(folder: string, name: string): string[] {
  return [
    ...['-f', 'hls', '-hls_time', '4', '-hls_playlist_type', 'vod', '-hls_segment_type', 'fmp4'],
    ...['-hls_fmp4_init_filename', `${name}-init.mp4`],
    ...['-hls_segment_filename', join(folder, `${name}-%03d.m4s`), join(folder, `${name}.m3u8`)],
  ];
}

function tone(seconds: number): string[] {
  return ['-f', 'lavfi', '-i', `sine=frequency=330:sample_rate=48000:duration=${seconds}`, '-ac', '1'];
}

/** A voice in Opus and in AAC, and a moving picture beside it, as recordings make them: `voice.m3u8` and `picture.m3u8` in `folder`. */
export async function makeRenditions(folder: string, seconds: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const ffmpeg = (...args: string[]) => run(FFMPEG, ['-v', 'error', '-y', ...args]);
  const aac = ['-c:a', 'aac', '-b:a', '32k'];
  await ffmpeg(
    ...tone(seconds),
    '-c:a',
    'libopus',
    '-b:a',
    '12k',
    '-frame_duration',
    '60',
    ...hls(folder, 'opus'),
  );
  await ffmpeg(...tone(seconds), ...aac, ...hls(folder, 'aac'));
  const moving = ['-f', 'lavfi', '-i', `testsrc2=size=320x240:rate=10:duration=${seconds}`];
  const h264 = [
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-profile:v',
    'baseline',
    '-g',
    '40',
    '-pix_fmt',
    'yuv420p',
  ];
  await ffmpeg(...moving, ...h264, ...hls(folder, 'moving'));
  await writeFile(
    join(folder, 'voice.m3u8'),
    playlist([
      { name: 'opus', bandwidth: 18_000, codecs: 'opus' },
      { name: 'aac', bandwidth: 40_000, codecs: 'mp4a.40.2' },
    ]),
  );
  await writeFile(join(folder, 'picture.m3u8'), PICTURE);
}

/** With the sound as a track of its own: it is there already. */
const PICTURE = `#EXTM3U
#EXT-X-VERSION:7
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="voice",NAME="voice",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="1",URI="aac.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=400000,CODECS="avc1.42c00d,mp4a.40.2",RESOLUTION=320x240,FRAME-RATE=10.000,AUDIO="voice"
moving.m3u8
`;

function playlist(variants: readonly { name: string; bandwidth: number; codecs: string }[]): string {
  const lines = variants.flatMap(({ name, bandwidth, codecs }) => [
    `#EXT-X-STREAM-INF:BANDWIDTH=${bandwidth},CODECS="${codecs}"`,
    `${name}.m3u8`,
  ]);
  return ['#EXTM3U', '#EXT-X-VERSION:7', '#EXT-X-INDEPENDENT-SEGMENTS', ...lines, ''].join('\n');
}

/** Bytes of a rendition's files. */
export async function sizeOf(folder: string, name: string): Promise<number> {
  const files = (await readdir(folder)).filter((file) => file.startsWith(name));
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(folder, file))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
