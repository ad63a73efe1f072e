import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { routes } from '../../../protocol/api.ts';
import { EntriesDecoder } from '../../../protocol/entries-line.ts';
import { EMPTY_LESSON, reduce } from '../../../protocol/lesson.ts';
import type { Replay } from '../../../protocol/replay.ts';
import { hashPassword } from '../../../server/auth/password.ts';
import { DEMO_PASSWORD, FINISHED_LESSON } from '../../../server/demo/demo.ts';
import { createAccount } from '../../../server/store/accounts.ts';
import { createSchool } from '../../../server/store/schools.ts';
import type { HttpServer } from '../http-server.ts';

const PATH = `/api/v1/lessons/${FINISHED_LESSON}`;

export function replayTests(lent: () => HttpServer): void {
  let server: HttpServer;
  let cookie: string;
  let replay: Replay;

  before(async () => {
    server = lent();
    cookie = await server.as('student1');
    const { data } = await server.send(`${PATH}/replay`, { cookie });
    replay = routes['replay.show'].output.parse(data);
  });

  it('says what there is, as long as the lesson was', async () => {
    assert.equal(replay.part, 'student');
    assert.deepEqual(replay.renditions.map(({ kind }) => kind).sort(), ['picture', 'voice']);
    assert.ok(replay.to - replay.from > 60_000);
    const { data } = await server.send(PATH, { cookie });
    const summary = routes['lesson.show'].output.parse(data);
    assert.deepEqual([summary.state, summary.replay?.voice], ['ended', 'ready']);
    assert.equal(replay.startedAt, summary.startsAt);
  });

  it('has the whole log, compressed', async () => {
    const reply = await server.send(replay.log, { cookie });
    assert.equal(reply.headers.get('content-encoding'), 'gzip');
    const { entries } = routes['replay.log'].output.parse(reply.data);
    assert.deepEqual(entries, (reply.data as { entries: unknown }).entries);
    const lines = await fetch(server.url + replay.lines, { headers: { cookie } });
    assert.deepEqual(new EntriesDecoder().decode(new Uint8Array(await lines.arrayBuffer())), entries);
    const state = entries.reduce(reduce, EMPTY_LESSON);
    assert.equal(state.phase, 'ended');
    assert.equal(state.endedAt, replay.to);
    assert.ok(state.board.pages.length >= 3);
    assert.ok(Object.keys(state.people).includes('demo-dolma'));
  });

  it('gives every file of every playlist to those it concerns, and to nobody else', async () => {
    const name = { 'zh-CN': '别的学校' };
    const school = await createSchool({ name, region: name, kind: 'hub' });
    const password = await hashPassword(DEMO_PASSWORD);
    await createAccount({ username: 'stranger', password, role: 'teacher', name, school });
    const stranger = await server.as('stranger');
    const files = new Set<string>([replay.lines]);
    for (const { url } of replay.renditions) await collect(url, files);
    assert.ok(
      [...files].some((path) => /\.(m4s|mp4|ts)$/.test(path)),
      'there is media',
    );
    for (const path of files) {
      const mine = await server.send(path, { cookie });
      assert.equal(mine.status, 200, path);
      assert.equal(mine.headers.get('cache-control'), 'private, no-cache', path);
      assert.match(
        mine.headers.get('content-type') ?? '',
        TYPES[path.split('.').at(-1) ?? ''] ?? /octet/,
        path,
      );
      assert.equal((await server.send(path)).code, 'not_signed_in', path);
      assert.equal((await server.send(path, { cookie: stranger })).code, 'not_found', path);
      // What a browser has kept is asked for before it is heard again, and costs no byte.
      // (`fetch` would have it that nothing of that kind is to be heeded.)
      const kept = { 'if-none-match': mine.headers.get('etag') ?? '', 'cache-control': 'max-age=0' };
      assert.equal((await server.send(path, { cookie, headers: kept })).status, 304, path);
      assert.equal((await server.send(path, { headers: kept })).code, 'not_signed_in', path);
    }
  });

  it('lists what there is to keep, with the hash of each file', async () => {
    const { data } = await server.send(`${PATH}/replay/files?playlist=voice-opus.m3u8`, { cookie });
    const { files } = routes['replay.files'].output.parse(data);
    assert.deepEqual(
      files.map(({ url }) => url.split('.').at(-1)),
      ['m3u8', 'mp4', ...files.slice(2).map(() => 'm4s')],
    );
    for (const { url, bytes, sha256 } of files) {
      const body = Buffer.from(await (await fetch(server.url + url, { headers: { cookie } })).arrayBuffer());
      assert.equal(body.length, bytes, url);
      assert.equal(createHash('sha256').update(body).digest('hex'), sha256, url);
    }
    const ask = (playlist: string) =>
      server.send(`${PATH}/replay/files?playlist=${playlist}`, { cookie }).then(({ code }) => code);
    assert.equal(await ask('picture-9999.m3u8'), 'not_found');
    assert.equal(await ask('../recording.json'), 'bad_request');
    const path = `${PATH}/replay/files?playlist=voice-opus.m3u8`;
    assert.equal((await server.send(path)).code, 'not_signed_in');
  });

  it('gives files in parts', async () => {
    const url = replay.renditions[0]?.url ?? '';
    const { text } = await server.send(url, { cookie });
    const part = await server.send(url, { cookie, headers: { range: 'bytes=1-6' } });
    assert.deepEqual([part.status, part.text], [206, 'EXTM3U']);
    assert.equal(part.headers.get('content-range'), `bytes 1-6/${Buffer.byteLength(text)}`);
    const beyond = await server.send(url, { cookie, headers: { range: 'bytes=99999999-' } });
    assert.equal(beyond.status, 416);
  });

  it('is not made twice', async () => {
    const before = await server.send(`${PATH}/replay`, { cookie });
    await server.makeDemoReplay();
    assert.deepEqual((await server.send(`${PATH}/replay`, { cookie })).data, before.data);
  });

  /** The playlist, the playlists it names, and all that those name. */
  async function collect(path: string, files: Set<string>): Promise<void> {
    if (files.has(path)) return;
    files.add(path);
    if (!path.endsWith('.m3u8')) return;
    const { text } = await server.send(path, { cookie });
    const named = [...text.matchAll(/^([^#\n].*)$|URI="([^"]+)"/gm)].map(
      (match) => match[1] ?? match[2] ?? '',
    );
    for (const name of named) await collect(new URL(name, new URL(path, server.url)).pathname, files);
  }
}

const TYPES: Record<string, RegExp> = {
  m3u8: /^application\/vnd\.apple\.mpegurl/,
  m4s: /^video\/iso\.segment/,
  mp4: /^video\/mp4/,
  ts: /^video\/mp2t/,
};
