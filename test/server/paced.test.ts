import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import express from 'express';
import { paced } from '../../server/http/paced.ts';
import { downloadRates } from '../../server/lessons/download-rates.ts';
import { Downloads } from '../../server/lessons/downloads.ts';
import { beginLadder, type Ladder } from '../../server/lessons/ladder.ts';
import type { Limits } from '../../server/lessons/rungs.ts';
import { eventually } from '../support/eventually.ts';

const FREE: Limits = { choice: 'all', ceilingKbps: null, pictures: true, music: false, downloading: false };

describe('what files may take of a link', () => {
  const at = (ladder: Partial<Ladder>, limits: Partial<Limits> = {}) =>
    downloadRates({ ...beginLadder(0), ...ladder }, { ...FREE, ...limits });

  it('is what voice and ink leave, by what the link is known to carry', () => {
    assert.deepEqual(at({ rung: 'ink', carriesKbps: 64 }), { link: 25.6, ceiling: null });
    assert.deepEqual(at({ rung: 'voice', carriesKbps: 64 }), { link: 32, ceiling: null });
    assert.deepEqual(at({ rung: 'thumbnail', carriesKbps: 128 }), { link: 28.8, ceiling: null });
    assert.deepEqual(at({ rung: 'ink', carriesKbps: 40 }), { link: 16, ceiling: null });
    assert.deepEqual(at({ rung: 'voice', carriesKbps: 20 }), { link: 2, ceiling: null });
  });

  it('is little where a link is far, or has fallen, and nobody knows what it carries; and all on others', () => {
    const rest = { roundTripMs: 600, loss: null };
    assert.equal(at({ rung: 'voice', rest }).link, 16);
    assert.equal(at({ rung: 'ink' }).link, null);
    assert.equal(at({ rung: 'ink', settling: false }).link, 24);
    assert.equal(at({ rung: 'ink', settling: false }, { pictures: false }).link, null);
    assert.equal(at({ rung: 'ink' }, { choice: 'no_picture' }).link, 24);
    assert.equal(at({ rung: 'everyone' }).link, null);
  });

  it('is what is left under a ceiling, where pictures make room and music needs more', () => {
    const under = (rung: Ladder['rung'], ceilingKbps: number, limits: Partial<Limits> = {}) =>
      Number(at({ rung }, { ceilingKbps, ...limits }).ceiling?.toFixed(1));
    assert.equal(under('ink', 52), 18);
    assert.equal(under('everyone', 232), 90);
    assert.equal(under('voice', 52, { music: true }), 25.2);
    assert.equal(under('ink', 60, { music: true }), 7.2);
    assert.equal(under('voice', 16), 4);
  });
});

describe('an answer at a pace', () => {
  const content = randomBytes(30_000);
  const downloads = new Downloads({
    kbps: () => null,
    fetching: () => ({ known: Promise.resolve(), end: () => {} }),
  });
  let server: Server;
  let url: string;
  let directory: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tongke-paced-'));
    await writeFile(join(directory, 'file'), content);
    const app = express();
    const browserOf = async () => ({ by: 'a', participant: 'p' });
    const ofApplication = paced({ auth: { browserOf }, downloads, ofApplication: true });
    app.get('/board.js', ofApplication, (_request, response) => void response.type('js').end(content));
    app.use(paced({ auth: { browserOf }, downloads }));
    app.get('/at-once', (_request, response) => void response.type('bin').send(content));
    app.get('/streamed', (_request, response) => pipeline(Readable.from([content, content]), response));
    app.get('/file', (_request, response) => response.sendFile('file', { root: directory }));
    for (const path of ['/voice-live-7.m4s', '/log'])
      app.get(path, (_request, response) => void response.type('bin').end(content));
    app.get('/none', (_request, response) => void response.status(204).end());
    server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  });

  after(async () => {
    server.close();
    await rm(directory, { recursive: true });
  });

  afterEach(() => downloads.limit('a', 'transport', null));

  const limit = (link: number | null, ceiling: number | null = null) =>
    downloads.limit('a', 'transport', { link, ceiling });
  /** The bytes, and how long they took. */
  const fetched = async (path: string) => {
    const from = performance.now();
    const response = await fetch(url + path);
    const body = Buffer.from(await response.arrayBuffer());
    return { body, ms: performance.now() - from, length: response.headers.get('content-length') };
  };

  it('is whole, and as fast as ever where nothing limits it', async () => {
    for (const path of ['/at-once', '/file', '/streamed']) {
      const { body, length } = await fetched(path);
      assert.deepEqual(body, path === '/streamed' ? Buffer.concat([content, content]) : content);
      assert.equal(length, path === '/streamed' ? null : '30000');
    }
    assert.equal((await fetched('/none')).body.length, 0);
  });

  it('comes at its rate, however it is written, and whole', async () => {
    limit(800);
    for (const [path, parts] of [
      ['/at-once', 1],
      ['/file', 1],
      ['/streamed', 2],
    ] as const) {
      const { body, ms } = await fetched(path);
      assert.deepEqual(body, Buffer.concat(Array.from({ length: parts }, () => content)));
      assert.ok(ms > 190 * parts, `${path} in ${ms} ms`);
    }
  });

  it('shares its line with the others of the same browser', async () => {
    limit(800);
    const from = performance.now();
    await Promise.all([fetched('/at-once'), fetched('/file')]);
    assert.ok(performance.now() - from > 450, 'two files in the time of two');
  });

  it('is held back by a ceiling alone where it is what was missed, or the application itself', async () => {
    limit(8);
    assert.ok((await fetched('/voice-live-7.m4s')).ms < 2_000);
    assert.ok((await fetched('/log?after=7')).ms < 2_000);
    assert.ok((await fetched('/board.js')).ms < 2_000);
    limit(8, 800);
    assert.ok((await fetched('/voice-live-7.m4s')).ms > 190);
  });

  it('goes on at full speed once the limit is gone, and leaves nothing behind where its reader hangs up', async () => {
    limit(32);
    const [response]: IncomingMessage[] = await once(get(`${url}/at-once`), 'response');
    assert.ok(response);
    await once(response, 'data');
    assert.ok(downloads.isBusy('a'));
    limit(null);
    response.resume();
    await once(response, 'end');
    limit(32);
    const [other]: IncomingMessage[] = await once(get(`${url}/file`), 'response');
    assert.ok(other);
    await once(other, 'data');
    other.destroy();
    await eventually(() => !downloads.isBusy('a'), 'nothing under way');
  });
});
