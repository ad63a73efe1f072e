import assert from 'node:assert/strict';
import type { Attach, Trouble } from '../../client/replay/hls.ts';
import { Player } from '../../client/replay/player.ts';
import type { PlayerMedia } from '../../client/replay/player-types.ts';
import type { Watching } from '../../client/replay/renditions.ts';
import type { Replay } from '../../protocol/replay.ts';

/** A lesson from its second 5 to its second 65. */
const FROM = 5000;
const TO = 65_000;

function replayWith(kinds: readonly ('voice' | 'picture')[]): Replay {
  return {
    lesson: 'l1',
    title: { 'zh-CN': '水的三态' },
    teacher: { 'zh-CN': '卓玛' },
    startedAt: 0,
    from: FROM,
    to: TO,
    state: { voice: 'ready', picture: 'working', progress: 0.5 },
    renditions: kinds.map((kind) => ({ kind, url: `/${kind}.m3u8`, bytes: 1e6 })),
    gaps: [],
    log: '/log',
    lines: '/lines',
    part: 'student',
  };
}

/** A media element as the standard describes one, played by hand. */
class HandMedia extends EventTarget implements PlayerMedia {
  defaultPlaybackRate = 1;
  playbackRate = 1;
  duration = Number.NaN;
  readyState = 0;
  seeking = false;
  ended = false;
  paused = true;
  error: MediaError | null = null;
  /** What `play()` will reject with. */
  refusal: DOMException | null = null;
  #currentTime = 0;

  get currentTime(): number {
    return this.#currentTime;
  }

  set currentTime(seconds: number) {
    this.#currentTime = Math.min(seconds, this.duration);
    this.ended = false;
  }

  play(): Promise<void> {
    if (this.refusal) return Promise.reject(this.refusal);
    this.paused = false;
    return Promise.resolve();
  }

  pause(): void {
    this.paused = true;
  }

  /** Enough has come to play. */
  load(duration: number): void {
    this.duration = duration;
    this.readyState = 4;
    this.#say('loadedmetadata', 'canplay');
  }

  /** Plays for a while. */
  run(seconds: number): void {
    if (!this.paused)
      this.#currentTime = Math.min(this.duration, this.#currentTime + seconds * this.playbackRate);
    if (this.#currentTime < this.duration) return;
    this.ended = true;
    this.paused = true;
    this.#say('pause', 'ended');
  }

  starve(): void {
    this.readyState = 2;
    this.#say('waiting');
  }

  pauseFromOutside(): void {
    this.paused = true;
    this.#say('pause');
  }

  #say(...types: string[]): void {
    for (const type of types) this.dispatchEvent(new Event(type));
  }
}

interface Opened {
  readonly url: string;
  readonly startAt: number;
  readonly report: (trouble: Trouble | null) => void;
  closed: boolean;
}

async function setUp({
  watching = 'voice' as Watching,
  startAt = FROM,
  kinds = ['voice'] as ('voice' | 'picture')[],
  part = null as { from: number; to: number } | null,
  replay = replayWith(kinds),
} = {}) {
  const media = new HandMedia();
  const opened: Opened[] = [];
  const time = { now: 0 };
  const attach: Attach = async ({ url }, at, report) => {
    const source: Opened = { url, startAt: at, report, closed: false };
    opened.push(source);
    return { close: () => Object.assign(source, { closed: true }) };
  };
  const player = new Player({
    media,
    replay,
    part,
    watching,
    startAt,
    rate: 1,
    attach,
    now: () => time.now,
    pauses: [{ from: 30_000, to: 34_000 }],
  });
  await settled();
  return { media, opened, time, player };
}

/** Promises that have been resolved have been answered. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('Player', () => {
  it('takes lesson time from the voice', async () => {
    const { media, player } = await setUp();
    media.load(60);
    player.play();
    media.run(2.5);
    assert.equal(player.time(), FROM + 2500);
    assert.equal(player.view().waiting, false);
  });

  it('begins where it is told to, before the voice has come', async () => {
    const { media, opened, player } = await setUp({ startAt: 25_000 });
    assert.equal(opened[0]?.startAt, 20);
    assert.equal(player.time(), 25_000);
    player.play();
    assert.equal(player.view().waiting, true);
    media.load(60);
    assert.equal(media.currentTime, 20);
    assert.equal(player.view().waiting, false);
    assert.equal(media.paused, false);
  });

  it('goes to the last of several seeks made before the voice has come', async () => {
    const { media, player } = await setUp();
    player.seek(20_000);
    player.seek(12_000);
    assert.equal(player.time(), 12_000);
    media.load(60);
    assert.equal(media.currentTime, 7);
  });

  it('keeps within the lesson', async () => {
    const { media, player } = await setUp();
    media.load(60);
    player.seek(-100);
    assert.equal(player.time(), FROM);
    player.seek(1e9);
    assert.equal(player.time(), TO);
  });

  it('runs ink alone on a clock of its own, at any speed, and ends', async () => {
    const { time, player, opened } = await setUp({ watching: 'ink' });
    assert.equal(opened.length, 0);
    player.play();
    time.now = 4000;
    assert.equal(player.time(), FROM + 4000);
    player.setRate(2);
    time.now = 6000;
    assert.equal(player.time(), FROM + 8000);
    player.pause();
    time.now = 20_000;
    assert.equal(player.time(), FROM + 8000);
    player.play();
    time.now = 99_000;
    player.tick();
    assert.equal(player.view().ended, true);
    assert.equal(player.time(), TO);
    player.play();
    assert.equal(player.time(), FROM);
  });

  it('plays the rest in ink where the voice is shorter than the lesson', async () => {
    const { media, player, time } = await setUp({ startAt: 44_000 });
    media.load(40);
    player.play();
    media.run(2);
    assert.equal(player.time(), 45_000);
    assert.equal(player.view().playing, true);
    time.now = 3000;
    assert.equal(player.time(), 48_000);
    player.seek(10_000);
    assert.equal(media.currentTime, 5);
    assert.equal(media.paused, false);
    player.seek(50_000);
    assert.equal(player.time(), 50_000);
    assert.equal(media.paused, true);
  });

  it('ends when the voice ends with the lesson', async () => {
    const { media, player } = await setUp();
    media.load(59.9);
    player.play();
    media.run(60);
    assert.deepEqual([player.view().ended, player.view().playing, player.time()], [true, false, TO]);
  });

  it('plays one part by itself, on the lesson’s clock', async () => {
    const { media, opened, player } = await setUp({ startAt: 20_000, part: { from: 20_000, to: 40_000 } });
    media.load(60);
    assert.equal(opened[0]?.startAt, 15);
    player.seek(1e9);
    assert.equal(player.time(), 40_000);
    player.seek(0);
    assert.deepEqual([player.time(), media.currentTime], [20_000, 15]);
    player.play();
    media.run(21);
    player.tick();
    assert.deepEqual([player.view().ended, media.paused, player.time()], [true, true, 40_000]);
    player.play();
    assert.deepEqual([player.time(), media.paused], [20_000, false]);
  });

  it('steps over what has neither sound nor ink', async () => {
    const { media, player } = await setUp();
    media.load(60);
    player.play();
    media.run(25.5);
    player.tick();
    assert.equal(player.time(), 34_000);
  });

  it('says that it waits, and when the link or the format fails', async () => {
    const { media, opened, player } = await setUp();
    media.load(60);
    player.play();
    media.starve();
    assert.equal(player.view().waiting, true);
    opened[0]?.report('network');
    assert.equal(player.view().trouble, 'network');
    opened[0]?.report(null);
    assert.equal(player.view().trouble, null);
  });

  it('asks for a touch where the browser wants one', async () => {
    const { media, player } = await setUp();
    media.load(60);
    media.refusal = new DOMException('no gesture', 'NotAllowedError');
    player.play();
    await settled();
    assert.deepEqual([player.view().playing, player.view().trouble], [false, 'blocked']);
    media.refusal = null;
    player.play();
    assert.deepEqual([player.view().playing, player.view().trouble], [true, null]);
  });

  it('follows a pause from outside: a headset, a phone call', async () => {
    const { media, player } = await setUp();
    media.load(60);
    player.play();
    media.pauseFromOutside();
    assert.equal(player.view().playing, false);
  });

  it('is not paused by media that gives up, and plays on once they are opened again', async () => {
    const { media, player } = await setUp();
    media.load(60);
    player.play();
    Object.assign(media, { error: { code: 4 } });
    media.pauseFromOutside();
    assert.equal(player.view().playing, true);
    Object.assign(media, { error: null });
    media.dispatchEvent(new Event('loadstart'));
    assert.deepEqual([media.paused, player.view().playing], [false, true]);
  });

  it('changes to the picture at the same instant, and hears no more of the voice', async () => {
    const { media, opened, player } = await setUp();
    media.load(60);
    player.play();
    media.run(10);
    player.update(replayWith(['voice', 'picture']), []);
    assert.equal(player.view().watching, 'voice');
    player.watch('picture');
    await settled();
    assert.equal(opened[0]?.closed, true);
    assert.deepEqual([opened[1]?.url, opened[1]?.startAt], ['/picture.m3u8', 10]);
    opened[0]?.report('format');
    assert.equal(player.view().trouble, null);
    assert.equal(player.time(), FROM + 10_000);
    media.load(60);
    assert.deepEqual([media.currentTime, media.paused, player.view().playing], [10, false, true]);
  });

  it('leaves out a picture that the link does not carry, says so, and shows it again where that is wanted', async () => {
    const { media, opened, player, time } = await setUp({ kinds: ['voice', 'picture'], watching: 'picture' });
    const wait = (seconds: number) => {
      for (const until = time.now + seconds * 1000; time.now < until; time.now += 500) player.tick();
    };
    media.load(60);
    player.play();
    media.run(10);
    media.starve();
    opened[0]?.report('network');
    wait(20);
    opened[0]?.report(null);
    wait(9);
    assert.equal(player.view().watching, 'picture', 'neither a cut nor a few seconds are a link too thin');
    wait(3);
    await settled();
    assert.deepEqual([player.view().watching, player.view().tooMuch], ['voice', true]);
    assert.deepEqual([opened[1]?.url, opened[1]?.startAt], ['/voice.m3u8', 10]);
    player.watch('picture');
    assert.deepEqual([player.view().watching, player.view().tooMuch], ['picture', false]);
  });

  it('plays a lesson that goes on no faster than it is taught, and never beyond what there is of it', async () => {
    const replay = { ...replayWith(['voice']), live: { now: TO + 9000 } };
    const { media, player } = await setUp({ replay, startAt: TO - 10_000 });
    const seen = () => [media.playbackRate, player.view().atEdge, player.view().waiting];
    media.load(70); // the playlist is asked for by itself, and is ahead of manifest and log
    player.setRate(2);
    player.play();
    player.tick();
    assert.deepEqual(seen(), [2, false, false]);
    media.run(2.5);
    player.tick();
    assert.deepEqual([...seen(), player.view().rate], [1, true, false, 2]);
    media.run(5);
    player.tick();
    assert.deepEqual(seen(), [0, true, true]);
    media.run(5);
    assert.deepEqual([player.time(), media.currentTime], [TO, (TO - FROM) / 1000]);
    player.update({ ...replay, to: TO + 3000 }, []);
    assert.deepEqual(seen(), [1, true, false]);
    player.update(replayWith(['voice']), []);
    assert.deepEqual(seen(), [2, false, false], 'once it is over it is a replay like any');
  });

  it('goes over to the replay’s own voice, at the same instant, once what it played from the bell on is gone', async () => {
    const early = (url: string) => ({
      ...replayWith([]),
      renditions: [{ kind: 'voice' as const, url, bytes: 1e6 }],
    });
    const { media, opened, player } = await setUp({ replay: early('/voice-live.m3u8') });
    media.load(60);
    player.play();
    media.run(10);
    player.update(early('/voice.m3u8'), []);
    assert.equal(opened.length, 1, 'nothing changes while it plays');
    opened[0]?.report('format');
    await settled();
    assert.deepEqual([opened[1]?.url, opened[1]?.startAt], ['/voice.m3u8', 10]);
    assert.deepEqual([player.view().trouble, player.view().playing], [null, true]);
    opened[1]?.report('format');
    assert.equal(player.view().trouble, 'format');
  });

  it('goes over to what a teacher’s change has put in the place of what it played, once that is made', async () => {
    const { media, opened, player } = await setUp();
    media.load(60);
    player.play();
    media.run(10);
    opened[0]?.report('gone');
    const trimmed = { ...replayWith([]), from: FROM + 2000, cut: 1 };
    player.update(trimmed, []);
    assert.deepEqual([player.view().watching, player.view().trouble], ['voice', 'gone']);
    assert.equal(player.time(), FROM + 10_000, 'what plays has begun where it did');
    player.update({ ...trimmed, renditions: [{ kind: 'voice', url: '/e1/voice.m3u8', bytes: 1 }] }, []);
    await settled();
    assert.deepEqual(
      [opened[1]?.url, opened[1]?.startAt, player.view().trouble],
      ['/e1/voice.m3u8', 8, null],
    );
    opened[1]?.report('gone');
    player.update({ ...trimmed, renditions: [{ kind: 'voice', url: '/e1/voice.m3u8', bytes: 1 }] }, []);
    assert.equal(player.view().trouble, 'format', 'a file that is missing is no change');
  });

  it('goes on in ink where a rendition is not there', async () => {
    const { player } = await setUp({ watching: 'picture' });
    assert.equal(player.view().watching, 'ink');
  });

  it('shows another time while the scrubber is held, and plays on', async () => {
    const { media, player } = await setUp();
    media.load(60);
    player.play();
    player.peek(40_000);
    media.run(1);
    assert.deepEqual([player.shownTime(), player.time()], [40_000, FROM + 1000]);
    player.peek(null);
    assert.equal(player.shownTime(), FROM + 1000);
  });
});
