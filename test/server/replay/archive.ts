import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readlink, rm } from 'node:fs/promises';
import { get as httpGet } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { type Browser, chromium, type Page } from 'playwright-core';
import { routes } from '../../../protocol/api.ts';
import type { LogEntry } from '../../../protocol/events.ts';
import { digest, EMPTY_LESSON, reduce } from '../../../protocol/lesson.ts';
import { FINISHED_LESSON } from '../../../server/demo/demo.ts';
import { WITHOUT } from '../../support/chromium.ts';
import { eventually } from '../../support/eventually.ts';
import { unzip } from '../../support/unzip.ts';
import type { HttpServer } from '../http-server.ts';

const PATH = `/api/v1/lessons/${FINISHED_LESSON}`;
const ZIP = `/replays/${FINISHED_LESSON}/archive.zip`;

/** `lent`: the server of all that is tested of the demo's replay. */
export function archiveTests(lent: () => HttpServer): void {
  let server: HttpServer;
  let browser: Browser;
  let folder: string;
  let cookie: string;
  let entries: readonly LogEntry[];

  before(async () => {
    server = lent();
    cookie = await server.as('student1');
    folder = await mkdtemp(join(tmpdir(), 'tongke-archive-'));
    const lead = await server.as('dolma');
    const vtt = 'WEBVTT\n\n00:01.000 --> 00:03.000\n同学们好';
    const body = { language: 'zh-CN', label: '字幕', vtt };
    assert.equal((await server.send(`${PATH}/captions`, { method: 'POST', cookie: lead, body })).status, 200);
    const { data } = await server.send(`${PATH}/log`, { cookie });
    ({ entries } = routes['replay.log'].output.parse(data));
  });
  after(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('is as large as was said, and is given to nobody who may not keep it', async () => {
    const { data } = await server.send(`${PATH}/archive`, { cookie });
    const { bytes, exact } = routes['archive.show'].output.parse(data);
    assert.ok(exact);
    const response = await fetch(server.url + ZIP, { headers: { cookie } });
    const zip = Buffer.from(await response.arrayBuffer());
    assert.equal(response.headers.get('content-length'), String(bytes));
    assert.equal(zip.length, bytes);
    const names = await unzip(zip, folder);
    assert.match(names.join('\n'), /^tongke-[\w-]+\/index\.html$/m);
    assert.ok(names.some((name) => name.endsWith('.vtt')));
    const stranger = await server.as('tech');
    assert.equal((await server.send(ZIP)).code, 'not_signed_in');
    assert.equal((await server.send(ZIP, { cookie: stranger })).code, 'not_found');
    const until = Date.now() + 60_000;
    const lead = await server.as('dolma');
    const made = await server.send(`${PATH}/shares`, {
      method: 'POST',
      cookie: lead,
      body: { label: '', until },
    });
    const { token } = routes['share.make'].output.parse(made.data);
    const opened = await server.send('/api/v1/shares', { method: 'POST', body: { token } });
    const visitor = opened.headers.get('set-cookie')?.split(';')[0] ?? '';
    assert.equal((await server.send(`${PATH}/replay`, { cookie: visitor })).status, 200);
    assert.equal((await server.send(ZIP, { cookie: visitor })).code, 'not_signed_in');
  });

  it('leaves nothing open when its size is asked for, or a download breaks off', async () => {
    assert.equal(await openArchiveFiles(), 0);
    for (let i = 0; i < 3; i++) assert.equal((await server.send(`${PATH}/archive`, { cookie })).status, 200);
    await eventually(async () => (await openArchiveFiles()) === 0, 'what was weighed is closed');
    const request = httpGet(server.url + ZIP, { headers: { cookie } });
    // Nothing of it is read: it stands in the midst of a file.
    await once(request, 'response');
    await eventually(async () => (await openArchiveFiles()) > 0, 'a file on its way');
    request.destroy();
    await eventually(async () => (await openArchiveFiles()) === 0, 'what was sent is closed');
  });

  it('plays from the disk without a network: voice and ink, in three languages', async () => {
    browser = await chromium.launch({
      executablePath: process.env.CHROMIUM_BIN ?? '/usr/bin/chromium',
      args: [
        ...['--no-sandbox', '--disable-gpu', '--no-first-run', WITHOUT],
        '--autoplay-policy=no-user-gesture-required',
      ],
    });
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' });
    await context.setOffline(true);
    const page = await context.newPage();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    page.on('pageerror', (error) => assert.fail(error));
    const complaints: string[] = [];
    page.on('console', (line) => line.type() === 'error' && complaints.push(line.text()));
    const [root = ''] = await readdir(folder);
    await page.goto(pathToFileURL(join(folder, root, 'index.html')).href);
    await page.getByRole('button', { name: 'Watch', exact: true }).click();
    const now = () => instant(page);
    await eventually(async () => (await now()).media > 2, 'two seconds of voice', 20_000);
    const { time, media } = await now();
    const from = entries.find(({ event }) => event.type === 'lesson.started')?.t ?? 0;
    assert.ok(Math.abs(time - from - media * 1000) < 150, `${time} ${media}`);
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    for (const t of [from + 60_000, from + 20_000, from + 100_000]) {
      await page.getByRole('slider', { name: 'Position' }).fill(String(t - from));
      await eventually(async () => (await now()).digest === boardAt(t), `the board at ${t}`, 10_000);
    }
    await page.keyboard.press('/');
    await page.keyboard.type('denominator BELOW');
    await page.getByText('Places found: 1').waitFor();
    await page.getByRole('button', { name: 'བོད་ཡིག' }).click();
    await page.getByText('དཀར་ཆག').first().waitFor();
    await page.getByRole('button', { name: '中文' }).click();
    await page.getByText('目录').first().waitFor();
    assert.deepEqual(
      asked.filter((url) => !/^(file|data|blob):/.test(url)),
      [],
    );
    assert.deepEqual(complaints, []);
    assert.equal(await page.title(), await page.getByRole('heading', { level: 1 }).innerText());
    assert.equal(await page.getByRole('button', { name: '回到今日课程' }).count(), 0);
    await page.getByRole('button', { name: /^观看方式/ }).click();
    await page.getByRole('menuitemradio', { name: '声音和板书' }).waitFor();
    assert.equal(await page.getByText(/这节课没有/).count(), 0, 'nothing is said of what was not brought');
    await page.keyboard.press('Escape');
    for (const [width, height] of [
      [360, 740],
      [740, 360],
      [1280, 800],
    ] as const) {
      await page.setViewportSize({ width, height });
      assert.deepEqual(await page.evaluate(overlaps), [], `at ${width} px`);
    }
  });

  it('holds the whole voice in a file that other programs play', async () => {
    const [root = ''] = await readdir(folder);
    const voices = (await readdir(join(folder, root))).filter((name) => name.startsWith('voice'));
    assert.ok(voices.length > 0);
    for (const name of voices) {
      const args = [
        '-v',
        'error',
        '-show_entries',
        'format=duration',
        '-of',
        'csv=p=0',
        join(folder, root, name),
      ];
      const { stdout } = await promisify(execFile)(process.env.FFPROBE_BIN || 'ffprobe', args);
      assert.ok(Number(stdout) > 100, `${name}: ${stdout}`);
    }
  });

  /** Of the player and of voices, how many this process has open. */
  async function openArchiveFiles(): Promise<number> {
    const links = await Promise.all(
      (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
    );
    return links.filter((path) => /\/archive\/|\/single-/.test(path)).length;
  }

  const boardAt = (t: number): string =>
    digest(entries.filter((entry) => entry.t <= t).reduce(reduce, EMPTY_LESSON).board);

  const instant = (page: Page) =>
    page.locator('main[data-time]').evaluate((element: HTMLElement) => ({
      time: Number(element.dataset.time),
      digest: element.dataset.digest ?? null,
      media: element.querySelector('video')?.currentTime ?? -1,
    }));
}

/** What of the page's head, of its tabs and languages lies over something else. Runs in the page. */
function overlaps(): string[] {
  const things = document.querySelectorAll(
    'header h1, header p, header button, [role=group] button, [role=tab]',
  );
  const shown = [...things].filter((one) => one.getClientRects().length > 0);
  const isOver = (one: Element, other: Element) => {
    const [a, b] = [one.getBoundingClientRect(), other.getBoundingClientRect()];
    return a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
  };
  return shown
    .filter((one) => shown.some((other) => other !== one && isOver(one, other)))
    .map(({ textContent }) => textContent ?? '');
}
