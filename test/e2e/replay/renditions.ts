import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { routes } from '../../../protocol/api.ts';
import type { LogEntry } from '../../../protocol/events.ts';
import type { Replay } from '../../../protocol/replay.ts';
import { DEMO_PASSWORD, FINISHED_LESSON } from '../../../server/demo/demo.ts';
import { boardDigest, seek, until } from '../../client-replay/watch-page.ts';
import { get, signIn } from '../../support/client.ts';
import { keepDemoRenditions } from '../../support/demo-recording.ts';
import { eventually } from '../../support/eventually.ts';
import { DEMO } from '../../support/server.ts';

const run = promisify(execFile);
const FFPROBE = process.env.FFPROBE_BIN || 'ffprobe';
/** Ink may be this far from the voice, ms. */
const SYNC_MS = 100;
/** Playlists and ffprobe round to parts of a millisecond. */
const LENGTH_S = 0.002;

/** How the same lesson comes to different devices; together a hundred seeks. */
const WAYS = [
  { name: 'the picture with AAC', watching: 'picture', opus: true, seeks: 40, sound: 'mp4a' },
  {
    name: 'the voice in AAC, where Opus is not played',
    watching: 'voice',
    opus: false,
    seeks: 30,
    sound: 'mp4a',
  },
  { name: 'the voice in Opus', watching: 'voice', opus: true, seeks: 30, sound: 'opus' },
] as const;

interface Lent {
  readonly url: string;
  /** The server's own. */
  readonly directory: string;
  readonly browser: Browser;
}

interface Device {
  readonly watching: string;
  readonly opus: boolean;
  readonly vendor?: string;
}

interface Packet {
  readonly dts_time: string;
  readonly flags: string;
}

/** What the server itself has made of a lesson: as ffprobe reads it, and as a browser plays it. */
export function renditionTests(lent: () => Lent): void {
  let url: string;
  let browser: Browser;
  let cookie: string;
  let replay: Replay;
  let log: readonly LogEntry[];
  let folder: string;
  let made: Promise<void> | undefined;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tongke-served-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** These tests wait for the picture, and none before them. */
  const isMade = () => {
    made ??= open();
    return made;
  };

  async function open(): Promise<void> {
    const { directory } = lent();
    ({ url, browser } = lent());
    cookie = await signIn(url, DEMO.student, DEMO_PASSWORD);
    const isReady = async () => {
      const answer: unknown = await get(url, `/lessons/${FINISHED_LESSON}/replay`, cookie);
      replay = routes['replay.show'].output.parse(answer);
      return replay.state.picture === 'ready';
    };
    await eventually(isReady, 'the picture', 100_000);
    await keepDemoRenditions(directory);
    ({ entries: log } = await get<{ entries: LogEntry[] }>(url, `/lessons/${FINISHED_LESSON}/log`, cookie));
  }

  it('has playlists and segments that are what they say, each of them, to ffprobe', async function () {
    this.timeout(120_000);
    await isMade();
    let segments = 0;
    for (const { kind, url: main } of replay.renditions) {
      const master = (await download(main)).toString();
      const sound = /TYPE=AUDIO.*URI="([^"]+)"/.exec(master)?.[1];
      const variants = [...master.matchAll(/^#EXT-X-STREAM-INF:(.*)\n(.+)$/gm)];
      assert.equal(variants.length, 2, kind);
      for (const [, line = '', name = ''] of variants) {
        const [codecs = ''] = /(?<=CODECS=")[^"]+/.exec(line) ?? [];
        const streams = [codecs.split(',')[0] ?? '', ...(sound ? [codecs.split(',')[1] ?? ''] : [])];
        const checked = await Promise.all(
          [name, ...(sound ? [sound] : [])].map((playlist, i) => checkPlaylist(playlist, streams[i] ?? '')),
        );
        const peak = checked.reduce((sum, one) => sum + one.peak, 0);
        const average = checked.reduce((sum, one) => sum + one.average, 0);
        const says = (attribute: string) => Number(new RegExp(`(?:^|,)${attribute}=(\\d+)`).exec(line)?.[1]);
        assert.ok(Math.abs(says('BANDWIDTH') / peak - 1) < 0.01, `${name}: ${line}, it is ${peak}`);
        assert.ok(
          Math.abs(says('AVERAGE-BANDWIDTH') / average - 1) < 0.03,
          `${name}: ${line}, it is ${average}`,
        );
        segments += checked.reduce((sum, one) => sum + one.segments, 0);
      }
    }
    assert.ok(segments > 60, `${segments} segments`);
  });

  for (const [index, way] of WAYS.entries()) {
    it(`plays ${way.name}, with the ink of the log, after each of ${way.seeks} seeks`, async function () {
      this.timeout(120_000);
      await isMade();
      const { context, page, played } = await watch(way);
      let seed = 20261127 + index;
      const random = () => {
        seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
        return seed / 2 ** 32;
      };
      for (let i = 0; i < way.seeks; i++) {
        const t = Math.round(replay.from + random() * (replay.to - replay.from - 4000));
        if (i % 8 === 7) await page.keyboard.press(i < way.seeks / 2 ? '<' : '>');
        await page.getByRole('slider', { name: 'Position' }).fill(String(t - replay.from));
        const now = await until(
          page,
          ({ state, time, digest }) => state === 'playing' && time >= t && time < t + 3000 && digest !== null,
        );
        assert.equal(now.digest, boardDigest(log, now.time), `seek ${i} to ${t}: the ink at ${now.time}`);
        const apart = Math.abs(replay.from + now.media * 1000 - now.time);
        assert.ok(apart <= SYNC_MS, `seek ${i} to ${t}: voice and ink ${apart} ms apart`);
      }
      const codecs = await page.evaluate(() => Reflect.get(window, 'buffers') as string[]);
      assert.ok(
        codecs.some((codec) => codec.toLowerCase().includes(way.sound)),
        `${codecs}`,
      );
      const height = await page.locator('video').evaluate((video: HTMLVideoElement) => video.videoHeight);
      assert.equal(height > 0, way.watching === 'picture');
      assert.ok(played.size > 3, `${[...played]}`);
      await context.close();
    });
  }

  it('plays the voice by the system’s own player, which Apple’s browsers have, after a leap, too', async function () {
    this.timeout(60_000);
    await isMade();
    const { context, page } = await watch({ watching: 'voice', opus: true, vendor: 'Apple Computer, Inc.' });
    for (const t of [60_000, 20_000, 100_000].map((ms) => replay.from + ms)) {
      await page.getByRole('slider', { name: 'Position' }).fill(String(t - replay.from));
      // So long a system's player takes to think of another rendition.
      await until(page, ({ state, time }) => state === 'playing' && time >= t + 1500 && time < t + 5000);
    }
    const source = await page.locator('video').evaluate((video: HTMLVideoElement) => video.currentSrc);
    assert.match(source, /\/voice-aac\.m3u8$/);
    await context.close();
  });

  async function watch({ watching, opus, vendor = '' }: Device) {
    const context: BrowserContext = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const [name = '', value = ''] = cookie.split('=');
    await context.addCookies([{ name, value, url }]);
    const page: Page = await context.newPage();
    await page.addInitScript(observeMedia, { watching, opus, vendor });
    const played = new Set<string>();
    page.on('response', (response) => {
      if (response.url().endsWith('.m4s')) played.add(new URL(response.url()).pathname);
    });
    await page.goto(`${url}/watch/${FINISHED_LESSON}?lang=en`);
    await page.locator('main[data-digest]').waitFor();
    await seek(page, replay.from, replay.from + 1000);
    await page.keyboard.press('k');
    await until(page, ({ state }) => state === 'playing');
    return { context, page, played };
  }

  async function download(path: string): Promise<Buffer> {
    const response = await fetch(new URL(path, url), { headers: { cookie } });
    assert.equal(response.status, 200, path);
    return Buffer.from(await response.arrayBuffer());
  }

  /** A media playlist of the lesson, every segment of it by itself and all of them in a row. */
  async function checkPlaylist(name: string, codec: string) {
    const at = (file: string) => `/replays/${FINISHED_LESSON}/${file}`;
    const text = (await download(at(name))).toString();
    assert.match(text, /^#EXT-X-PLAYLIST-TYPE:VOD$/m);
    assert.match(text, /#EXT-X-ENDLIST\n$/);
    const target = Number(/^#EXT-X-TARGETDURATION:(\d+)$/m.exec(text)?.[1]);
    const head = await download(at(/#EXT-X-MAP:URI="([^"]+)"/.exec(text)?.[1] ?? ''));
    const lines = [...text.matchAll(/^#EXTINF:([\d.]+),\n(.+)$/gm)];
    let [bytes, end, peak] = [head.length + text.length, 0, 0];
    for (const [, seconds = '', file = ''] of lines) {
      const data = await download(at(file));
      const { packets, stream } = await ffprobe(file, Buffer.concat([head, data]));
      assert.equal(codecOf(stream), codec.toLowerCase().split('.')[0], file);
      const lasts = Number(seconds);
      assert.ok(Math.round(lasts) <= target, `${file} is longer than the target`);
      const [first] = packets;
      const begin = Number(first?.dts_time);
      assert.ok(
        Math.abs(begin - end) < LENGTH_S,
        `${file} begins at ${begin}, the one before ended at ${end}`,
      );
      assert.match(first?.flags ?? '', /^K/, `${file} does not begin with a key frame`);
      end = begin + lasts;
      bytes += data.length;
      peak = Math.max(peak, (data.length * 8) / lasts);
    }
    const length = (replay.to - replay.from) / 1000;
    assert.ok(Math.abs(end - length) < 0.25, `${name} lasts ${end} s, the lesson ${length}`);
    return { segments: lines.length, peak, average: (bytes * 8) / end };
  }

  async function ffprobe(name: string, data: Buffer) {
    const path = join(folder, `${name}.mp4`);
    await writeFile(path, data);
    const entries = 'stream=codec_name:packet=dts_time,flags';
    const args = ['-v', 'error', '-show_entries', entries, '-of', 'json', path];
    const { stdout, stderr } = await run(FFPROBE, args, { maxBuffer: 2 ** 24 });
    assert.equal(stderr, '', name);
    const { streams, packets }: { streams: { codec_name: string }[]; packets: Packet[] } = JSON.parse(stdout);
    assert.equal(streams.length, 1, name);
    return { packets, stream: streams[0]?.codec_name ?? '' };
  }
}

/** By the beginning of its RFC 6381 name. */
function codecOf(ffmpegs: string): string {
  return { h264: 'avc1', aac: 'mp4a', opus: 'opus' }[ffmpegs] ?? ffmpegs;
}

/** Begins as one who chose `watching` before, on a device that may not know Opus; notes what is played. Runs in the page. */
function observeMedia({ watching, opus, vendor }: Required<Device>): void {
  if (vendor !== '') Object.defineProperty(navigator, 'vendor', { value: vendor });
  localStorage.setItem('tongke.watch', JSON.stringify({ watching }));
  const buffers: string[] = [];
  Reflect.set(window, 'buffers', buffers);
  const { addSourceBuffer } = MediaSource.prototype;
  MediaSource.prototype.addSourceBuffer = function (type) {
    buffers.push(type);
    return addSourceBuffer.call(this, type);
  };
  if (opus) return;
  const isTypeSupported = MediaSource.isTypeSupported.bind(MediaSource);
  MediaSource.isTypeSupported = (type) => !/opus/i.test(type) && isTypeSupported(type);
}
