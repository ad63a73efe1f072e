import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { MongoClient } from 'mongodb';
import { ladderFilter, ladderOutputs, rungsFor } from '../../../recordings/picture-ladder.ts';
import { createRecorder } from '../../../recordings/recorder.ts';
import { startEmbeddedDatabase } from '../../../server/database/embedded.ts';
import { clip, clipPath } from '../../support/clip.ts';
import { noMedia } from '../../support/lesson-feed.ts';
import { quietLog } from '../../support/log.ts';
import type { Report } from '../bench.ts';
import { cpuSeconds } from './cpu.ts';

const execute = promisify(execFile);
const LADDER_S = 60;

/** The ladder of an imported picture beside plain ffmpeg with the same settings on the same frames. */
export async function measureLadder(
  print: Report,
  { directory, ffmpegBin, ffprobeBin }: { directory: string; ffmpegBin: string; ffprobeBin: string },
): Promise<void> {
  const name = `bench-picture-${LADDER_S}.ivf`;
  await clip(name, [
    ...['-f', 'lavfi', '-i', `testsrc2=size=854x480:rate=15:duration=${LADDER_S}`, '-g', '150'],
    ...['-c:v', 'libvpx', '-b:v', '500k', '-deadline', 'realtime', '-cpu-used', '8', '-auto-alt-ref', '0'],
  ]);
  const database = await startEmbeddedDatabase({ directory: join(directory, 'ladder-database') });
  const client = await MongoClient.connect(database.uri);
  const recorder = await createRecorder({
    directory: join(directory, 'ladder'),
    ...{ media: noMedia, database: client.db(), ffmpegBin, ffprobeBin, log: quietLog },
  });
  let before = Number.NaN;
  const ready = new Promise<void>((resolve, reject) => {
    recorder.onChange(async (lesson) => {
      const found = await recorder.recording(lesson).catch(reject);
      if (found?.state.picture === 'working' && Number.isNaN(before)) before = await cpuSeconds();
      if (found?.state.picture === 'failed') reject(new Error('the picture failed'));
      if (found?.state.picture === 'ready') resolve();
    });
  });
  const track = {
    path: clipPath(name),
    participant: 'teacher',
    part: 'lead',
    source: 'camera',
    at: 0,
  } as const;
  await recorder.import({ lesson: 'ladder', from: 0, to: LADDER_S * 1000, tracks: [track] });
  await ready;
  const ours = (await cpuSeconds()) - before;
  await recorder.close();
  await client.close();
  await database.close();
  const rungs = rungsFor(480);
  const plainStart = await cpuSeconds();
  await execute(ffmpegBin, [
    ...['-v', 'error', '-y', '-i', clipPath(name)],
    ...['-filter_complex', `[0:v]scale=854:480,fps=15[picture];${ladderFilter(rungs)}`],
    ...ladderOutputs(directory, rungs, 0),
  ]);
  const plain = (await cpuSeconds()) - plainStart;
  print({
    ...{ name: 'ladder_cpu_ratio', value: Number((ours / plain).toFixed(3)) },
    ...{ unit: 'x', goal: 1.05, better: 'less' },
    against: {
      ours_s: Number(ours.toFixed(2)),
      plain_ffmpeg_s: Number(plain.toFixed(2)),
      lesson_s: LADDER_S,
    },
  });
}
