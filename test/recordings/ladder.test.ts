import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { IvfWriter } from '../../recordings/ivf.ts';
import { launchChromium } from '../support/chromium.ts';
import { vp8Picture } from '../support/vp8.ts';
import { type Bench, createBench, isReady, noMedia, pathOf, probe, untilRecorded } from './support.ts';

const LINES = [144, 240, 480, 720];
const PLAYER = join(import.meta.dirname, '../../node_modules/hls.js/dist/hls.min.js');

describe('a picture of 720 lines', function () {
  this.timeout(60_000);
  let bench: Bench;
  let browser: Browser;
  let server: Server;

  before(async () => {
    [bench, browser] = await Promise.all([createBench(), launchChromium()]);
  });
  after(async () => {
    await browser?.close();
    server?.close();
    await bench?.close();
  });

  it('is offered in four sizes, each of which a browser plays', async () => {
    const path = join(bench.directory, '.camera.ivf');
    const ivf = await IvfWriter.create(path, 'VP80', { width: 1280, height: 720 });
    for (const [index, frame] of (await vp8Picture({ width: 1280, height: 720 })).frames
      .slice(0, 20)
      .entries())
      await ivf.write(index * 100, frame);
    await ivf.close();
    const recorder = await bench.open(noMedia);
    const track = { path, participant: 'dolma', part: 'lead' as const, source: 'camera' as const, at: 0 };
    await recorder.import({ lesson: 'sharp', from: 0, to: 2000, tracks: [track] });
    await untilRecorded(recorder, 'sharp', isReady);
    for (const height of LINES) {
      const { streams } = await probe(await pathOf(recorder, 'sharp', `picture-${height}.m3u8`));
      assert.deepEqual([streams[0]?.codec_name, streams[0]?.height], ['h264', height]);
    }

    server = createServer((request, response) => {
      const name = request.url?.slice(1) ?? '';
      if (name === '') {
        response
          .setHeader('content-type', 'text/html')
          .end('<video muted></video><script src="hls.js"></script>');
        return;
      }
      (name === 'hls.js' ? Promise.resolve(PLAYER) : pathOf(recorder, 'sharp', name)).then(readFile).then(
        (data) => response.end(data),
        () => response.writeHead(404).end(),
      );
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    for (const height of LINES) assert.deepEqual(await page.evaluate(playAt, height), [height, true]);
  });
});

/** Plays the rendition of so many lines to its end: how many it has then, and whether it moved. Runs in the page. */
async function playAt(height: number): Promise<[number, boolean]> {
  const Hls: typeof import('hls.js').default = Reflect.get(window, 'Hls');
  const video = document.querySelector('video');
  if (!video) throw new Error('there is no video');
  const hls = new Hls({ autoStartLoad: false });
  hls.on(Hls.Events.MANIFEST_PARSED, () => {
    hls.currentLevel = hls.levels.findIndex((level) => level.height === height);
    hls.startLoad(0);
  });
  await new Promise((resolve, reject) => {
    hls.on(Hls.Events.ERROR, (_event, { fatal, details }) => fatal && reject(new Error(details)));
    video.addEventListener('ended', resolve, { once: true });
    hls.loadSource('picture.m3u8');
    hls.attachMedia(video);
    video.playbackRate = 2;
    video.play().catch(reject);
  });
  const played: [number, boolean] = [
    video.videoHeight,
    video.getVideoPlaybackQuality().totalVideoFrames > 15,
  ];
  hls.destroy();
  return played;
}
