import assert from 'node:assert/strict';
import { LogEntry, type Part } from '../../protocol/events.ts';
import { decodeInk, type InkPoint } from '../../protocol/ink.ts';
import { EMPTY_LESSON, reduce } from '../../protocol/lesson.ts';
import { fractionsLesson } from '../../server/demo/lesson-script.ts';
import { makeDemoReplay } from '../../server/demo/replay.ts';
import { quietLog } from '../support/log.ts';
import {
  type Bench,
  createBench,
  FFMPEG,
  isReady,
  loudness,
  noMedia,
  playlistOf,
  probe,
  untilRecorded,
} from './support.ts';

const person = (id: string, part: Part) => ({ id, part, name: { 'zh-CN': id } });
const script = fractionsLesson({
  lead: person('dolma', 'lead'),
  rooms: [person('room1', 'room'), person('room2', 'room')],
  student: person('student1', 'student'),
  startedAt: Date.UTC(2026, 10, 22, 2),
});

describe('the demo lesson', function () {
  this.timeout(90_000);
  let bench: Bench;

  before(async () => {
    bench = await createBench();
  });
  after(() => bench?.close());

  it('is a log that a server could have written', () => {
    let last = 0;
    for (const [index, entry] of script.entries.entries()) {
      LogEntry.parse(entry);
      assert.equal(entry.seq, index + 1);
      assert.ok(entry.t >= last, `entry ${entry.seq} goes back in time`);
      last = entry.t;
    }
    const end = script.entries.reduce(reduce, EMPTY_LESSON);
    assert.equal(end.phase, 'ended');
    assert.deepEqual([end.startedAt, end.endedAt], [script.from, script.to]);
    assert.deepEqual(
      end.board.pages.map(({ kind }) => kind),
      ['blank', 'grid', 'blank'],
    );
    for (const { strokes } of end.board.pages) {
      for (const stroke of Object.values(strokes)) {
        assert.ok(stroke.done);
        const points: InkPoint[] = [];
        for (const chunk of stroke.chunks) points.push(...decodeInk(points, chunk));
        assert.ok(
          points.every(([x, y]) => x >= 0 && x < 1920 && y >= 0 && y < 1080),
          'off the page',
        );
      }
    }
    const hidden = end.board.pages.flatMap(({ strokes }) =>
      Object.values(strokes).filter((stroke) => stroke.hidden),
    );
    assert.ok(hidden.length > 0, 'the wrong answer was taken back');
  });

  it('is replayed with its voices where the script has them', async () => {
    const recorder = await bench.open(noMedia);
    const started = process.cpuUsage();
    await makeDemoReplay({
      lesson: 'demo',
      script,
      ffmpegBin: FFMPEG,
      importRecording: (recording) => recorder.import(recording),
      log: quietLog,
    });
    const { user, system } = process.cpuUsage(started);
    assert.ok(user + system < 15e6, 'the server itself is busy for longer than some seconds');
    const recording = await untilRecorded(recorder, 'demo', isReady, 80_000);
    assert.deepEqual(recording.gaps, []);
    assert.deepEqual(
      recording.renditions.map(({ kind }) => kind),
      ['voice', 'picture'],
    );
    const voice = await playlistOf(recorder, 'demo', 'voice');
    const length = (script.to - script.from) / 1000;
    assert.ok(Math.abs((await probe(voice)).duration - length) < 0.15);
    const levels = await loudness(voice);
    for (const { at, participant } of script.utterances) {
      const start = Math.round((at - script.from) / 10);
      const before = Math.max(0, ...levels.slice(Math.max(0, start - 14), start - 3));
      const during = Math.max(...levels.slice(start, start + 40));
      assert.ok(
        during > 0.02 && during > 3 * before,
        `${participant} at ${at}: ${before} before, ${during} after`,
      );
    }
  });
});
