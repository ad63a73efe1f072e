import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageId } from '../../../client/faces/library/package-id.ts';
import { versionOf } from '../../../client/replay/kept/keeper.ts';
import { routes } from '../../../protocol/api.ts';
import { openIdentity } from '../../../server/courier/identity.ts';
import { fileKey } from '../../../server/courseware/keys.ts';
import { FINISHED_LESSON } from '../../../server/demo/demo.ts';
import { database } from '../../../server/store/database.ts';
import { forgetWords } from '../../../server/store/page-words.ts';
import { eventually } from '../../support/eventually.ts';
import { type PackageParts, repack } from '../../support/repack.ts';
import type { HttpServer } from '../http-server.ts';

import { type CourierDesk, type CourierWork, courierWork, openFarSchool } from './courier-desk.ts';
import { DRAWING, hashOf, WORDS } from './lay-page.ts';

const SECRET = '我家住在水库边';

export function courierTests(lent: () => HttpServer): void {
  let server: HttpServer;
  let desk: CourierDesk;
  let { take, pack, replayOf, logOf, edit, trust, teach } = {} as CourierWork;
  let teacher: string;
  let admin: string;
  let pupil: string;
  let stick: Buffer;

  before(async () => {
    server = lent();
    desk = await openFarSchool(server);
    ({ teacher, admin, pupil } = desk);
    ({ take, pack, replayOf, logOf, edit, trust, teach } = courierWork(server, desk));
  });

  it('packs a replay for its teacher, who fetches it in parts', async () => {
    const lesson = `/api/v1/lessons/${FINISHED_LESSON}`;
    const shown = (await server.send(`${lesson}/edit`, { cookie: teacher })).data;
    const { revision, edit, recorded } = routes['edit.show'].output.parse(shown);
    const splits = [recorded.from + 60_000];
    const body = { revision, edit: { ...edit, splits, partTitles: [null, '第二部分'] } };
    await server.send(`${lesson}/edit`, { method: 'POST', cookie: teacher, body });
    const path = `${lesson}/package`;
    assert.equal((await server.send(path, { method: 'POST', cookie: pupil })).code, 'not_found');
    const { data } = await server.send(path, { method: 'POST', cookie: teacher, body: {} });
    const { url, bytes } = routes['courier.export'].output.parse(data);
    const half = Math.floor(bytes / 2);
    const parts: Buffer[] = [];
    for (const range of [`bytes=0-${half - 1}`, `bytes=${half}-`]) {
      const part = await fetch(server.url + url, { headers: { cookie: teacher, range } });
      assert.equal(part.status, 206);
      parts.push(Buffer.from(await part.arrayBuffer()));
    }
    stick = Buffer.concat(parts);
    assert.equal(stick.length, bytes);
    assert.equal((await server.send(url, { cookie: pupil })).code, 'not_found');
    assert.equal((await server.send(url)).code, 'not_signed_in');
  });

  it('lets only administrators send packages in', async () => {
    for (const [cookie, code] of [
      [teacher, 'forbidden'],
      [undefined, 'not_signed_in'],
    ] as const) {
      const place = `/courier/uploads/${'a'.repeat(32)}?from=0&bytes=5`;
      assert.equal((await server.send(place, { method: 'PATCH', cookie, body: 'hello' })).code, code);
      assert.equal((await server.send(place, { cookie })).code, code);
    }
  });

  it('takes a package in once its school is trusted, and once only', async () => {
    assert.equal((await take(stick)).code, 'package_untrusted');
    await trust();
    const changed = Buffer.from(stick);
    changed[Math.floor(stick.length / 2)] = (changed[Math.floor(stick.length / 2)] ?? 0) ^ 1;
    assert.equal((await take(changed)).code, 'package_damaged');
    await forgetWords(hashOf(Buffer.from(DRAWING)));
    const first = routes['courier.import'].output.parse((await take(stick)).data);
    assert.equal(first.known, false);
    const again = routes['courier.import'].output.parse((await take(stick)).data);
    assert.deepEqual(again, { ...first, known: true });
  });

  it('knows a package before it is sent, and takes none that is older than the one that is here', async () => {
    const id = await packageId(new Blob([new Uint8Array(stick)]));
    const known = async (cookie: string) => server.send(`/api/v1/courier/known?package=${id}`, { cookie });
    const { known: here } = routes['courier.known'].output.parse((await known(admin)).data);
    assert.ok(here);
    const elsewhere = await known(await server.as('admin'));
    assert.deepEqual(elsewhere.data, { known: null }, 'another school has taken in its own');
    assert.equal((await known(teacher)).code, 'forbidden');
    assert.equal(await packageId(new Blob(['hello'])), null);

    const lessons = database().collection<{ _id: string }>('lessons');
    const newer = { 'brought.package': 'newer', 'brought.madeAt': Date.now() };
    const row = await lessons.findOneAndUpdate({ _id: here.lesson }, { $set: newer });
    assert.equal((await take(stick)).code, 'package_older');
    await lessons.replaceOne({ _id: here.lesson }, row ?? {});
  });

  it('gives the whole replay to the school that took it in, and to nobody else', async () => {
    const { data } = await server.send('/api/v1/library', { cookie: pupil });
    const [brought] = routes['library.list'].output.parse(data).replays;
    assert.ok(brought);
    assert.equal(brought.teacher['zh-CN'], '卓玛');
    const path = `/api/v1/lessons/${brought.lesson}`;
    const replay = routes['replay.show'].output.parse(
      (await server.send(`${path}/replay`, { cookie: pupil })).data,
    );
    const original = routes['replay.show'].output.parse(
      (await server.send(`/api/v1/lessons/${FINISHED_LESSON}/replay`, { cookie: teacher })).data,
    );
    assert.deepEqual([replay.from, replay.to, replay.gaps], [original.from, original.to, original.gaps]);
    assert.deepEqual(
      original.parts?.map(({ title }) => title),
      [null, '第二部分'],
    );
    assert.deepEqual(replay.parts, original.parts);
    assert.deepEqual(await logOf(brought.lesson, pupil), await logOf(FINISHED_LESSON, teacher));
    const page = await server.send(`/courseware/${brought.lesson}/${hashOf(Buffer.from(DRAWING))}`, {
      cookie: pupil,
    });
    assert.equal(page.text, DRAWING, 'what is beneath the ink came along');
    assert.equal(page.headers.get('cache-control'), 'private, no-cache');
    const written = await server.send(`${path}/words`, { cookie: pupil });
    assert.deepEqual(
      routes['replay.words'].output.parse(written.data).pages.map(({ text }) => text),
      [WORDS],
    );
    for (const [i, { url }] of replay.renditions.entries()) {
      const there = await server.send(url, { cookie: pupil });
      assert.equal(
        there.text,
        (await server.send(original.renditions[i]?.url ?? '', { cookie: teacher })).text,
      );
      assert.equal((await server.send(url, { cookie: await server.as('student1') })).code, 'not_found');
    }
    assert.equal(
      (await server.send(`${path}/replay`, { cookie: await server.as('student1') })).code,
      'not_found',
    );
  });

  describe('of a lesson without a picture', () => {
    const lesson = 'demo-today-1';
    let first: Buffer;
    let second: Buffer;
    let brought: string;
    const playlistOf = async (cookie = pupil) => {
      const [voice] = (await replayOf(brought, cookie)).renditions;
      assert.ok(voice);
      return voice.url.replace(/voice\.m3u8$/, 'voice-opus.m3u8');
    };
    const hasWords = async () => JSON.stringify(await logOf(brought, pupil)).includes(SECRET);

    before(async () => {
      await teach(lesson, SECRET);
    });
    after(async () => {
      const hub = await server.as('admin');
      await server.send(`/api/v1/lessons/${lesson}/replay`, { method: 'DELETE', cookie: hub });
    });

    it('is made while nobody has asked for AAC, which is made where it is brought to', async () => {
      first = await pack(lesson);
      assert.ok(!first.includes('voice-aac'), 'it is as it lies');
      const taken = routes['courier.import'].output.parse((await take(first)).data);
      brought = taken.lesson;
      const place = (await playlistOf()).replace('voice-opus.m3u8', '');
      const master = await server.send(`${place}voice.m3u8`, { cookie: pupil });
      assert.match(master.text, /mp4a\.40\.2[^\n]*\nvoice-aac\.m3u8/);
      const segment = await fetch(`${server.url}${place}voice-aac-00000.m4s`, { headers: { cookie: pupil } });
      assert.equal(segment.status, 200);
      assert.ok((await segment.arrayBuffer()).byteLength > 1_000);
    });

    it('hides what it hides from who has the one before it, on a device or in a browser', async () => {
      const [before, playlist] = [await replayOf(brought, pupil), await playlistOf()];
      const filesOf = async (url: string) => {
        const name = encodeURIComponent(url.replace(`/replays/${brought}/`, ''));
        const path = `/api/v1/lessons/${brought}/replay/files?playlist=${name}`;
        const { data } = await server.send(path, { cookie: pupil });
        return routes['replay.files'].output.parse(data).files;
      };
      const old = await filesOf(playlist);
      assert.ok(await hasWords());
      await edit(lesson, {
        hidden: [{ id: 'h1', from: 0, to: 600_000, participant: 'demo-dolma', writing: true }],
      });
      second = await pack(lesson);
      assert.equal((await take(second)).code, undefined);
      assert.ok(!(await hasWords()));
      const after = await replayOf(brought, pupil);
      assert.deepEqual([after.from, after.to, after.gaps], [before.from, before.to, before.gaps]);
      assert.notEqual(versionOf(after), versionOf(before), 'what was kept is another one');
      for (const { url } of old)
        assert.equal((await server.send(url, { cookie: pupil })).code, 'not_found', url);
      const now = await filesOf(await playlistOf());
      for (const { url, sha256 } of now) {
        assert.ok(!old.some((one) => one.url === url), url);
        const response = await fetch(server.url + url, { headers: { cookie: pupil } });
        assert.equal(hashOf(Buffer.from(await response.arrayBuffer())), sha256, url);
      }
    });

    it('is refused where its signer put something into it that is no lesson, and leaves nothing of that', async () => {
      const identity = await openIdentity(server.directory);
      const drawing = DRAWING.replace('</svg>', '<path d="M0 0L7 7"/></svg>');
      const page = `page-${hashOf(Buffer.from(drawing))}.svg`;
      const cases: [what: string, change: (parts: PackageParts) => void][] = [
        ['an empty log', ({ files }) => files.set('log.json', Buffer.from('[]'))],
        [
          'a log that goes back',
          ({ files }) => {
            const log = JSON.parse(String(files.get('log.json')));
            files.set('log.json', Buffer.from(JSON.stringify(log.reverse())));
          },
        ],
        ['no playlist', ({ files }) => files.delete('voice.m3u8')],
        [
          'a segment of anything',
          ({ files }) => files.set('voice-opus-00000.m4s', Buffer.alloc(5_000, 'anything')),
        ],
        [
          'an end before its beginning',
          ({ manifest }) => Object.assign(manifest, { from: 9_000, to: 1_000 }),
        ],
        ['another length', ({ manifest }) => Object.assign(manifest, { to: manifest.to + 60_000 })],
        [
          'a page that is none',
          ({ files }) => files.set(`page-${'f'.repeat(64)}.svg`, Buffer.from('<svg onload="x"/>')),
        ],
      ];
      const before = await replayOf(brought, pupil);
      for (const [what, change] of cases) {
        const package_ = await repack(second, identity, (parts) => {
          parts.manifest.madeAt++;
          parts.files.set(page, Buffer.from(drawing));
          change(parts);
        });
        const { code } = await take(package_);
        assert.ok(code === 'package_hostile' || code === 'package_damaged', `${what}: ${code}`);
      }
      assert.deepEqual(await replayOf(brought, pupil), before);
      const key = fileKey(hashOf(Buffer.from(drawing)));
      const kept = await readFile(join(server.directory, 'objects', key)).catch(() => null);
      assert.equal(kept, null, 'the page that was in order');
    });

    it('does not bring back what was hidden before that school deleted it, and is taken once by two at a time', async () => {
      assert.equal((await take(first)).code, 'package_older');
      const path = `/api/v1/lessons/${brought}/replay`;
      assert.equal((await server.send(path, { method: 'DELETE', cookie: admin })).code, undefined);
      assert.equal((await take(first)).code, 'package_older');
      const both = await Promise.all([take(second), take(second)]);
      const known = both.map(({ data }) => routes['courier.import'].output.parse(data).known);
      assert.deepEqual(known.sort(), [false, true]);
      assert.ok(!(await hasWords()));
    });

    it('is taken in whatever became of its maker’s clock since the last one', async () => {
      const ahead = Date.now() + 10 * 365 * 86_400_000;
      const set = (name: string, _id: string, change: object) =>
        database().collection<{ _id: string }>(name).updateOne({ _id }, { $set: change });
      await set('lessons', lesson, { packagedAt: ahead });
      await set('courier_taken', brought, { madeAt: ahead });
      const { from: t } = await replayOf(lesson, teacher);
      for (const title of ['A', 'B']) {
        await edit(lesson, { chapters: [{ t, title }] });
        assert.equal((await take(await pack(lesson))).code, undefined, title);
        assert.equal((await replayOf(brought, pupil)).chapters?.[0]?.title, title);
      }
    });

    it('is asked for again where its server makes a part of it for who asks, too', async () => {
      const hub = await server.as('admin');
      const url = `/replays/${lesson}/original/voice-aac-00000.m4s`;
      const made = await server.send(url, { cookie: hub });
      assert.equal(made.status, 200);
      const headers = { 'if-none-match': made.headers.get('etag') ?? '', 'cache-control': 'max-age=0' };
      assert.equal((await server.send(url, { cookie: hub, headers })).status, 304);
      assert.equal((await server.send(url, { headers })).code, 'not_signed_in');
    });
  });

  it('calls a file of which nothing came damaged', async () => {
    const body = { upload: randomBytes(16).toString('hex') };
    const { code } = await server.send('/api/v1/courier/imports', { method: 'POST', cookie: admin, body });
    assert.equal(code, 'package_damaged');
  });

  it('is not made of what the disk has damaged, nor is an archive: that is made again first', async () => {
    const segment = join(
      server.directory,
      'recordings',
      FINISHED_LESSON,
      'renditions',
      'voice-opus-00000.m4s',
    );
    const good = await readFile(segment);
    const bad = Buffer.from(good);
    bad.fill(0xff, bad.length >> 1, (bad.length >> 1) + 200);
    const out = join(server.directory, 'courier', 'out');
    for (const name of await readdir(out)) await rm(join(out, name));
    const ways = [
      () =>
        server.send(`/api/v1/lessons/${FINISHED_LESSON}/package`, {
          method: 'POST',
          cookie: teacher,
          body: {},
        }),
      () => server.send(`/replays/${FINISHED_LESSON}/archive.zip`, { cookie: teacher }),
    ];
    for (const get of ways) {
      await writeFile(segment, bad);
      assert.equal((await get()).code, 'replay_not_ready');
      await eventually(async () => (await get()).status === 200, 'it is made again', 60_000);
      assert.deepEqual(await readFile(segment), good);
      const done = async () => (await replayOf(FINISHED_LESSON, teacher)).state.progress === 1;
      await eventually(done, 'all that is made of it is, too', 60_000);
      for (const name of await readdir(out)) await rm(join(out, name));
    }
  });

  it('leaves nothing of what was refused', async () => {
    const places = await readdir(join(server.directory, 'courier'));
    assert.deepEqual(places.sort(), ['in', 'out']);
    assert.match(await readFile(join(server.directory, 'keys', 'courier.pem'), 'utf8'), /PRIVATE KEY/);
  });
}
