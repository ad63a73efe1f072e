import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  rmdir,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { MediaNode } from '../../media/node.ts';
import { RecordingFile } from '../../recordings/lesson-folder.ts';
import { eventually } from '../support/eventually.ts';
import { startMediaNode } from '../support/media.ts';
import { startTestServer } from '../support/server.ts';
import { signalDirectly, WebRtcClient } from '../support/webrtc.ts';
import {
  type Bench,
  createBench,
  FFMPEG,
  FFPROBE,
  fileIfMade,
  isReady,
  loudness,
  noMedia,
  onset,
  pathOf,
  playlistOf,
  probe,
  TestFeed,
  untilRecorded,
  voiceAfterSilence,
} from './support.ts';

describe('a recorder that is started again', function () {
  this.timeout(60_000);
  let media: MediaNode;
  let bench: Bench;
  let router: string;
  let teacher: WebRtcClient;

  before(async () => {
    media = await startMediaNode();
  });
  after(() => media?.close());

  beforeEach(async () => {
    bench = await createBench();
    ({ router } = await media.createRouter());
    teacher = new WebRtcClient(signalDirectly(media, router));
  });
  afterEach(async () => {
    await teacher.close();
    await bench.close();
    await media.closeRouter(router);
  });

  async function begin(lesson: string): Promise<{ feed: TestFeed; voice: string }> {
    const feed = new TestFeed(lesson);
    feed.join('dolma', 'lead');
    const packets = await voiceAfterSilence(0, 4);
    const voice = await teacher.sendVoice({ frameMs: 20, packets });
    feed.publish({ type: 'stream.opened', stream: { id: voice, participant: 'dolma', source: 'mic' } });
    feed.publish({ type: 'lesson.started', at: Date.now() });
    return { feed, voice };
  }

  it('loses only a torn end, marks the gap, and goes on with the lesson', async () => {
    const { feed } = await begin('torn');
    const first = await bench.open(media);
    first.follow(feed);
    await feed.untilRecording('on');
    await delay(2000);
    await first.close();
    // As a crash would have left it: nothing says when the session ended, and the last record is cut.
    const folder = join(bench.directory, 'torn');
    const [track = ''] = await readdir(join(folder, 'tracks'));
    const path = join(folder, 'tracks', track);
    await truncate(path, (await stat(path)).size - 100);
    const state = RecordingFile.parse(JSON.parse(await readFile(join(folder, 'recording.json'), 'utf8')));
    const crashed = { ...state, sessions: state.sessions.map(({ from }) => ({ from, to: null })) };
    await writeFile(join(folder, 'recording.json'), JSON.stringify(crashed));
    await delay(1500);

    const again = feed.reopened();
    const second = await bench.open(media);
    second.follow(again);
    await again.untilRecording('on');
    await delay(1500);
    again.publish({ type: 'lesson.ended', reason: 'teacher' });
    const recording = await untilRecorded(second, 'torn', isReady);
    const [gap, ...more] = recording.gaps;
    assert.ok(gap, 'the gap is not marked');
    assert.deepEqual(more, []);
    assert.ok(gap.to - gap.from > 1400 && gap.to - gap.from < 2500, `a gap of ${gap.to - gap.from} ms`);
    const levels = await loudness(await playlistOf(second, 'torn', 'voice'));
    // The sender's clip begins anew every 4 s, with a packet's pause.
    const heard = (since: number, until: number) => {
      const inside = levels.slice((since + 100) / 10, (until - 100) / 10);
      return inside.filter((level) => level > 0.02).length > 0.95 * inside.length;
    };
    const { from, to } = recording;
    assert.ok(heard(300, gap.from - from), 'before the gap');
    assert.ok(onset(levels, 0.02, gap.from - from + 600) - (gap.to - from) < 150, 'from the end of the gap');
    assert.ok(heard(gap.to - from, to - from), 'after the gap');
  });

  it('finishes the renditions that were under way', async () => {
    const { feed } = await begin('unfinished');
    // An encoder that hangs, so that the recorder is stopped while its job is under way.
    await mkdir(join(bench.directory, '.bin'));
    const hanging = join(bench.directory, '.bin', 'ffmpeg');
    await writeFile(hanging, '#!/bin/sh\necho out_time_us=500000\nexec sleep 60\n');
    await chmod(hanging, 0o755);
    const first = await bench.open(media, { ffmpegBin: hanging });
    first.follow(feed);
    await feed.untilRecording('on');
    await delay(1200);
    feed.publish({ type: 'lesson.ended', reason: 'teacher' });
    await untilRecorded(first, 'unfinished', isReady);
    const segment = fileIfMade(first, 'unfinished', 'voice-aac-00000.m4s');
    const working = await untilRecorded(first, 'unfinished', ({ state }) => state.progress < 1);
    assert.ok(working.state.progress > 0.9);
    assert.deepEqual(
      working.renditions.map(({ kind }) => kind),
      ['voice'],
      'the voice waits for no encoder',
    );
    await first.close();
    assert.equal(await segment, null, 'nothing of it before it is good');

    const second = await bench.open(media);
    const recording = await untilRecorded(second, 'unfinished', ({ state }) => state.progress === 1);
    assert.deepEqual(
      recording.renditions.map(({ kind }) => kind),
      ['voice'],
      'nobody sent a picture',
    );
    const length = (recording.to - recording.from) / 1000;
    for (const name of ['voice.m3u8', 'voice-opus.m3u8', 'voice-aac.m3u8']) {
      const path = await pathOf(second, 'unfinished', name);
      assert.ok(Math.abs((await probe(path)).duration - length) < 0.15, name);
    }
  });

  it('ends the encoders of a server that was killed, and no other', async () => {
    const left = [join(bench.directory, 'killed', 'picture.mp4'), `${bench.directory}-other.mp4`].map(
      encodeForEver,
    );
    const [mine, other] = left;
    assert.ok(mine && other);
    const ended = once(mine, 'exit');
    try {
      await Promise.all(left.map((child) => once(child.stdout ?? child, 'data')));
      await bench.open(media);
      assert.deepEqual(await ended, [null, 'SIGKILL']);
      assert.deepEqual([other.exitCode, other.signalCode], [null, null], 'what is not of this folder');
    } finally {
      for (const child of left) child.kill('SIGKILL');
    }
  });

  it('finishes a lesson at whose end the disk was full', async () => {
    const { feed } = await begin('bell');
    const recorder = await bench.open(media, { retryMs: 100 });
    recorder.follow(feed);
    await feed.untilRecording('on');
    await delay(1200);
    // Nothing can be written beside it: so a full disk answers, too.
    const blocking = join(bench.directory, 'bell', 'recording.json.new');
    await mkdir(blocking);
    feed.publish({ type: 'lesson.ended', reason: 'teacher' });
    await delay(400);
    assert.equal(recorder.count(), 0, 'it is not being recorded any more');
    assert.ok(recorder.isUnfinished('bell'), 'nobody is told that there is nothing');
    await rmdir(blocking);
    const { from, to } = await untilRecorded(recorder, 'bell', isReady);
    assert.ok(to - from > 1100);
    assert.ok(!recorder.isUnfinished('bell'));
  });

  it('finishes a lesson that nobody came back to', async () => {
    const { feed } = await begin('orphan');
    const first = await bench.open(media);
    first.follow(feed);
    await feed.untilRecording('on');
    await delay(1500);
    await first.close();
    const second = await bench.open(media, { orphanMs: 100 });
    const recording = await untilRecorded(second, 'orphan', isReady);
    assert.equal(recording.from, feed.state().startedAt);
    assert.ok(recording.to - recording.from > 1400);
  });

  it('finishes at once what was over when it was killed, and leaves to others what goes on', async () => {
    const lessons = ['over', 'goeson'];
    const feeds = await Promise.all(lessons.map(async (lesson) => (await begin(lesson)).feed));
    const first = await bench.open(media);
    for (const feed of feeds) first.follow(feed);
    await Promise.all(feeds.map((feed) => feed.untilRecording('on')));
    await delay(1200);
    await first.close();
    // Half a deletion: its state file is gone.
    await cp(join(bench.directory, 'over'), join(bench.directory, 'deleted'), { recursive: true });
    await rm(join(bench.directory, 'deleted', 'recording.json'));

    const second = await bench.open(media);
    assert.ok(second.isUnfinished('over'));
    second.resumed(['goeson']);
    const { from, to } = await untilRecorded(second, 'over', isReady, 20_000);
    assert.ok(to - from > 1100);
    assert.ok(!second.isUnfinished('over'));
    for (const lesson of ['goeson', 'deleted']) {
      assert.equal(await second.recording(lesson), null, lesson);
      assert.ok(second.isUnfinished(lesson), lesson);
    }
  });

  it('is told by the server which lessons go on', async () => {
    const { feed } = await begin('over');
    const recorder = await bench.open(media);
    recorder.follow(feed);
    await feed.untilRecording('on');
    await delay(1200);
    await recorder.close();
    const data = await mkdtemp(join(tmpdir(), 'tongke-bell-'));
    await cp(bench.directory, join(data, 'recordings'), { recursive: true });
    const server = await startTestServer({ DATA_DIR: data, DEMO: 'off' });
    try {
      const state = join(data, 'recordings', 'over', 'recording.json');
      const voice = async () => RecordingFile.parse(JSON.parse(await readFile(state, 'utf8'))).voice.state;
      await eventually(async () => (await voice()) === 'ready', 'its replay', 20_000);
    } finally {
      await server.close();
      await rm(data, { recursive: true, force: true });
    }
  });

  it('tries a failing rendition again, and says when it has failed for good', async () => {
    const { feed } = await begin('failing');
    const recorder = await bench.open(media, { ffprobeBin: '/bin/false', renditionRetryMs: 50 });
    recorder.follow(feed);
    await feed.untilRecording('on');
    await delay(1100);
    feed.publish({ type: 'lesson.ended', reason: 'teacher' });
    const { state } = await untilRecorded(recorder, 'failing', (found) => found.state.picture === 'failed');
    assert.equal(state.voice, 'ready', 'what was made is not taken away');
    const file = RecordingFile.parse(
      JSON.parse(await readFile(join(bench.directory, 'failing', 'recording.json'), 'utf8')),
    );
    assert.equal(file.aac.failures, 3);
    assert.match(file.aac.reason ?? '', /ended with 1/);
  });

  for (const [what, says, free] of [
    ['an encoder finds no room', 'No space left on device', 1e12],
    ['the disk is full', 'Conversion failed!', 0],
  ] as const)
    it(`gives no rendition up because ${what}, and makes it when there is some`, async () => {
      const tries = join(bench.directory, 'tries');
      const ffprobe = join(bench.directory, 'ffprobe');
      const hasRoom = join(bench.directory, 'room');
      const full = `echo >> ${tries}; echo '${says}' >&2; exit 1`;
      const script = `#!/bin/sh\nif [ ! -e ${hasRoom} ]; then ${full}; fi\nexec ${FFPROBE} "$@"\n`;
      await writeFile(ffprobe, script, { mode: 0o755 });
      let left: number = free;
      const recorder = await bench.open(noMedia, {
        ...{ ffprobeBin: ffprobe, renditionRetryMs: 20, freeBytes: async () => left },
      });
      await recorder.import({ lesson: 'tight', from: 0, to: 5000, tracks: [] });
      const tried = async () => (await readFile(tries, 'utf8').catch(() => '')).length;
      await eventually(async () => (await tried()) > 3, 'tries, more than of what fails by itself', 20_000);
      left = 1e12;
      await writeFile(hasRoom, '');
      const file = await untilRecorded(recorder, 'tight', isReady);
      assert.deepEqual(file.gaps, []);
    });

  it('does not take a full disk for the end of the lesson', async () => {
    const { feed, voice } = await begin('full');
    const recorder = await bench.open(media, { reserveBytes: Number.MAX_SAFE_INTEGER, retryMs: 50 });
    recorder.follow(feed);
    await feed.untilRecording('failed');
    await delay(800);
    assert.deepEqual(feed.changes, ['failed'], 'said once');
    assert.equal(feed.state().phase, 'live');
    await recorder.close();

    const roomy = await bench.open(media);
    const again = feed.reopened();
    roomy.follow(again);
    await again.untilRecording('on');
    await delay(1200);
    again.publish({ type: 'stream.closed', stream: voice });
    again.publish({ type: 'lesson.ended', reason: 'teacher' });
    const { gaps, from } = await untilRecorded(roomy, 'full', isReady);
    assert.equal(gaps[0]?.from, from, 'the beginning is missing, and said to be');
  });

  it('warns while there is room for half an hour, and stops before the disk is full', async () => {
    const { feed } = await begin('filling');
    let free = 2e9;
    const recorder = await bench.open(media, {
      ...{ freeBytes: async () => free, reserveBytes: 1e9, diskCheckMs: 100, retryMs: 60_000 },
    });
    recorder.follow(feed);
    await feed.untilRecording('on');
    await delay(6500);
    assert.deepEqual(recorder.warnings(), [], 'a voice is far from a gigabyte');
    free = 1e9 + 100_000;
    await delay(400);
    assert.match(recorder.warnings().join(), /room for \d more minutes/);
    assert.equal(feed.changes.at(-1), 'on', 'and goes on until then');
    free = 1e9 - 1;
    await feed.untilRecording('failed');
    assert.equal(feed.state().phase, 'live');
    assert.match(recorder.warnings().join(), /the disk is full/);
  });

  it('gives no file but of a finished rendition', async () => {
    const { feed } = await begin('safe');
    const recorder = await bench.open(media);
    recorder.follow(feed);
    await feed.untilRecording('on');
    await delay(1100);
    feed.publish({ type: 'lesson.ended', reason: 'teacher' });
    await untilRecorded(recorder, 'safe', isReady);
    assert.ok(await recorder.file('safe', 'voice-opus-00000.m4s'));
    for (const name of [
      '../recording.json',
      'recording.json',
      'voice/../voice.m3u8',
      'voice-opus-99999.m4s',
      '',
    ]) {
      assert.equal(await recorder.file('safe', name), null, name);
    }
    for (const lesson of ['../safe', 'safe/../safe', '', 'nothing', '.']) {
      assert.equal(await recorder.file(lesson, 'voice.m3u8'), null, lesson);
      assert.equal(await recorder.recording(lesson), null, lesson);
    }
  });
});

/** An encoder as a killed server leaves it, but that it writes nothing: it only names a file. */
function encodeForEver(path: string): ChildProcess {
  const source = ['-f', 'lavfi', '-re', '-i', 'color=c=black:s=64x64:r=5'];
  const args = ['-hide_banner', '-nostdin', '-loglevel', 'error', '-progress', 'pipe:1', ...source];
  return spawn(FFMPEG, [...args, '-f', 'null', path], { stdio: ['ignore', 'pipe', 'ignore'] });
}
