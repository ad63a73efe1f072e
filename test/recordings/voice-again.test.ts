import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ffmpeg } from '../../recordings/ffmpeg.ts';
import { LessonFolder } from '../../recordings/lesson-folder.ts';
import { TrackWriter } from '../../recordings/track-writer.ts';
import { VoicePackager } from '../../recordings/voice-packager.ts';
import { clip, clipPath } from '../support/clip.ts';
import { quietLog } from '../support/log.ts';
import {
  createBench,
  FFMPEG,
  FFPROBE,
  loudness,
  noMedia,
  untilRecorded,
  voiceAfterSilence,
} from './support.ts';

const SECONDS = 40;
const signal = new AbortController().signal;

describe('a voice whose making fails once', function () {
  this.timeout(60_000);
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tongke-again-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  /** An even tone, all along. */
  async function isHeard(playlist: string): Promise<void> {
    const levels = (await loudness(playlist)).slice(10, -20);
    assert.ok(levels.length > (SECONDS - 1) * 100);
    const silent = levels.flatMap((level, index) => (level > 0.02 ? [] : [index * 10]));
    // A packet, where what was mixed ends and what was sent goes on.
    assert.ok(silent.length < 12, `silent for ${silent.length * 10} ms, first at ${silent[0]} ms`);
  }

  for (const windows of [2, 10])
    it(`has all of it, where the disk took nothing in its window ${windows} while the lesson went on`, async () => {
      const folder = new LessonFolder(directory, 'lesson');
      await folder.create();
      await speak(folder);
      const ffmpeg = new Ffmpeg({ ffmpegBin: FFMPEG, ffprobeBin: FFPROBE, log: quietLog });
      const packager = new VoicePackager({ folder, ffmpeg });
      const advance = (until: number, ended = false) => packager.advance({ from: 0, until, ended }, signal);
      await advance((windows - 1) * 3000 + 500);
      const work = folder.work('voice');
      await rm(work, { recursive: true, force: true });
      await writeFile(work, 'in its way');
      await assert.rejects(advance(windows * 3000 + 500));
      await assert.rejects(advance(windows * 3000 + 500), 'again');
      await rm(work);
      await advance(SECONDS * 1000, true);
      await isHeard(join(folder.renditions, 'voice-live.m3u8'));
      await isHeard(join(folder.renditions, 'voice-opus.m3u8'));
    });

  it('has all of it where an encoder of its replay fails', async () => {
    const ffmpeg = join(directory, 'ffmpeg');
    // Of those who mix, the third comes to nothing.
    const failing = `echo >> ${directory}/mixed; [ $(wc -l < ${directory}/mixed) = 3 ] && exit 1`;
    const script = `#!/bin/sh\ncase " $* " in *" -filter_complex "*) ${failing};; esac\nexec ${FFMPEG} "$@"\n`;
    await writeFile(ffmpeg, script, { mode: 0o755 });
    // The second one is heard beside the first in the first windows.
    const lengths = { dolma: SECONDS, pema: 8 };
    for (const [name, seconds] of Object.entries(lengths))
      await clip(`again-${name}.ogg`, [
        ...['-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=48000:duration=${seconds}`],
        ...['-ac', '1', '-c:a', 'libopus', '-b:a', '24k', '-frame_duration', '60'],
      ]);
    const bench = await createBench();
    try {
      const recorder = await bench.open(noMedia, { ffmpegBin: ffmpeg, renditionRetryMs: 50 });
      const one = { source: 'mic', at: 0, part: 'room' } as const;
      const tracks = Object.keys(lengths).map((participant) => ({
        ...one,
        participant,
        path: clipPath(`again-${participant}.ogg`),
      }));
      await recorder.import({ lesson: 'mixed', from: 0, to: SECONDS * 1000, tracks });
      await untilRecorded(recorder, 'mixed', ({ state }) => state.voice === 'ready');
      await isHeard(join(bench.directory, 'mixed', 'renditions', 'voice-opus.m3u8'));
    } finally {
      await bench.close();
    }
  });

  async function speak(folder: LessonFolder): Promise<void> {
    const writer = new TrackWriter(
      join(folder.tracks, 'tone.0.track'),
      {
        ...{ version: 1, lesson: 'lesson', stream: 'tone', participant: 'dolma', part: 'lead' },
        ...{ source: 'mic', mimeType: 'audio/opus', clockRate: 48_000, from: 0 },
      },
      assert.ifError,
    );
    for (const [index, payload] of (await voiceAfterSilence(0, SECONDS, 60)).entries())
      writer.append({ time: index * 60, timestamp: index * 2880, keyFrame: true, end: false, payload });
    await writer.close();
  }
});
