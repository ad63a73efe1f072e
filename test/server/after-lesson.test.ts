import assert from 'node:assert/strict';
import { join } from 'node:path';
import { routes } from '../../protocol/api.ts';
import { CAPTION_TRACKS } from '../../protocol/api-replays.ts';
import type { Replay } from '../../protocol/replay.ts';
import { type EditedReplay, NO_EDIT, type ReplayEdit } from '../../protocol/replay-edit.ts';
import { hashPassword } from '../../server/auth/password.ts';
import { fileKey } from '../../server/courseware/keys.ts';
import { DEMO_PASSWORD, FINISHED_LESSON } from '../../server/demo/demo.ts';
import { openFolderStore } from '../../server/storage/folder.ts';
import { createAccount } from '../../server/store/accounts.ts';
import { countAudit } from '../../server/store/audit.ts';
import { createSchool } from '../../server/store/schools.ts';
import { eventually } from '../support/eventually.ts';
import { type HttpServer, type Reply, type Sent, startHttpServer } from './http-server.ts';
import { DRAWING, layPage } from './replay/lay-page.ts';

const PATH = `/api/v1/lessons/${FINISHED_LESSON}`;
const MISTAKE = DRAWING.replace('</svg>', '<path d="M0 0L7 7"/></svg>');
const VTT = 'WEBVTT\n\n00:02.000 --> 00:04.000\n同学们好\n\n00:30.000 --> 00:33.000\n<b>白玛</b>的电话';

describe('after the lesson', function () {
  this.timeout(120_000);
  let server: HttpServer;
  const cookies: Record<string, string> = {};
  /** The file of a page that was there for a moment at the end. */
  let mistake: string;

  before(async () => {
    server = await startHttpServer({}, { begun: 'made' });
    const name = { 'zh-CN': '别的学校' };
    const school = await createSchool({ name, region: name, kind: 'hub' });
    const password = await hashPassword(DEMO_PASSWORD);
    await createAccount({ username: 'faraway', password, role: 'student', name, school });
    for (const who of ['dolma', 'student1', 'admin', 'tech', 'faraway']) cookies[who] = await server.as(who);
    await server.makeDemoReplay();
    mistake = await layPage(server.directory, { id: 'mistake', drawing: MISTAKE, isGone: true });
    await ready('voice');
  });
  after(() => server?.close());

  const get = (path: string, who?: string, more: Sent = {}): Promise<Reply> =>
    server.send(path, { ...more, cookie: who === undefined ? more.cookie : cookies[who] });
  const post = (path: string, body: unknown, who?: string): Promise<Reply> =>
    get(path, who, { method: 'POST', body });
  const replayFor = async (who: string): Promise<Replay> =>
    routes['replay.show'].output.parse((await get(`${PATH}/replay`, who)).data);
  const edited = async (): Promise<EditedReplay> =>
    routes['edit.show'].output.parse((await get(`${PATH}/edit`, 'dolma')).data);

  async function ready(kind: 'voice' | 'picture'): Promise<void> {
    await eventually(async () => (await replayFor('dolma')).state[kind] === 'ready', kind, 60_000);
  }
  async function save(edit: Partial<ReplayEdit>): Promise<EditedReplay> {
    const { revision } = await edited();
    const reply = await post(`${PATH}/edit`, { revision, edit: { ...NO_EDIT, ...edit } }, 'dolma');
    return routes['edit.save'].output.parse(reply.data);
  }

  /** Everything that there is of a replay: manifest, log, captions, and each file that a playlist names. */
  async function everything(): Promise<string[]> {
    const replay = await replayFor('dolma');
    const files = new Set([`${PATH}/replay`, `${PATH}/words`, replay.log, replay.lines]);
    for (const { url, cues } of replay.captions ?? []) files.add(url).add(cues);
    for (const { url } of replay.renditions) await collect(url, files);
    return [...files];
  }
  async function collect(path: string, files: Set<string>): Promise<void> {
    if (files.has(path)) return;
    files.add(path);
    if (!path.endsWith('.m3u8')) return;
    const { text } = await get(path, 'dolma');
    for (const match of text.matchAll(/^([^#\n].*)$|URI="([^"]+)"/gm))
      await collect(new URL(match[1] ?? match[2] ?? '', new URL(path, server.url)).pathname, files);
  }
  /** What whoever asks gets of these: their codes, every answer being a refusal. */
  async function refusals(paths: readonly string[], sent: Sent): Promise<Set<string | undefined>> {
    const codes = new Set<string | undefined>();
    for (const path of paths) {
      const { status, code, text } = await server.send(path, sent);
      assert.ok(status >= 400 && text.length < 300, `${path}: ${status}, ${text.length} bytes`);
      codes.add(code);
    }
    return codes;
  }

  it('is the lead teacher’s: nobody else may edit, share or look at the original', async () => {
    for (const [path, body] of [
      ['edit', { revision: 0, edit: NO_EDIT }],
      ['audience', { audience: 'library' }],
      ['captions', { language: 'bo', label: 'x', vtt: VTT }],
      ['shares', { label: '', until: Date.now() + 1000 }],
      ['attachment', { attached: true }],
    ] as const) {
      for (const [who, code] of [
        ['student1', 'forbidden'],
        ['admin', 'forbidden'],
        ['faraway', 'not_found'],
      ] as const)
        assert.equal((await post(`${PATH}/${path}`, body, who)).code, code, `${path} ${who}`);
      assert.equal((await post(`${PATH}/${path}`, body)).code, 'not_signed_in', path);
    }
    assert.equal((await get(`${PATH}/original`, 'dolma')).code, 'forbidden');
  });

  it('takes captions, lists them in the manifest, and serves them plain and by the replay’s clock', async () => {
    const bad = await post(`${PATH}/captions`, { language: 'zh-CN', label: '字幕', vtt: 'no' }, 'dolma');
    assert.deepEqual([bad.status, bad.code], [422, 'captions_unreadable']);
    const large = { language: 'zh-CN', label: '字幕', vtt: `WEBVTT\n\n${'x'.repeat(4_100_000)}` };
    assert.equal((await post(`${PATH}/captions`, large, 'dolma')).code, 'too_large');
    await post(`${PATH}/captions`, { language: 'zh-CN', label: '字幕', vtt: VTT }, 'dolma');
    const { captions = [], from } = await replayFor('student1');
    assert.deepEqual(
      captions.map(({ language, label, count }) => [language, label, count]),
      [['zh-CN', '字幕', 2]],
    );
    const [track] = captions;
    const file = await get(track?.url ?? '', 'student1');
    assert.match(file.headers.get('content-type') ?? '', /^text\/vtt/);
    assert.match(file.text, /^WEBVTT\n\n00:00:02\.000 --> 00:00:04\.000\n同学们好\n/);
    const { cues } = routes['captions.show'].output.parse((await get(track?.cues ?? '', 'student1')).data);
    assert.deepEqual(cues[1], { from: from + 30_000, to: from + 33_000, text: '白玛的电话' });
  });

  it('takes no more captions than it may have, and says so', async () => {
    const send = (label: string) => post(`${PATH}/captions`, { language: 'bo', label, vtt: VTT }, 'dolma');
    const ids: string[] = [];
    for (let count = 1; count < CAPTION_TRACKS; count++) {
      const { data } = await send(`${count}`);
      ids.push(routes['captions.add'].output.parse(data).id);
    }
    const { status, code } = await send('one too many');
    assert.deepEqual([status, code], [409, 'captions_too_many']);
    for (const id of ids)
      await server.send(`${PATH}/captions/${id}`, { method: 'DELETE', cookie: cookies.dolma });
    assert.equal((await replayFor('student1')).captions?.length, 1);
  });

  it('gives no byte to a student of another class, a technician or a browser that is not signed in', async () => {
    const paths = await everything();
    assert.ok(paths.some((path) => path.endsWith('.m4s')) && paths.some((path) => path.endsWith('.vtt')));
    assert.deepEqual(await refusals(paths, {}), new Set(['not_signed_in']));
    assert.deepEqual(await refusals(paths, { cookie: cookies.faraway }), new Set(['not_found']));
    assert.deepEqual(await refusals(paths, { cookie: cookies.tech }), new Set(['not_found']));
  });

  it('hides a passage from the moment it is saved: log, captions, and every file there was', async () => {
    const before = await replayFor('student1');
    const files = (await everything()).filter((path) => /\.(m3u8|m4s|mp4)$/.test(path));
    const passage = { from: before.from + 29_000, to: before.from + 60_000 };
    const saved = await save({ hidden: [{ id: 'h1', ...passage, writing: true }] });
    assert.equal(saved.revision, 1);
    assert.ok((saved.eraseAt ?? 0) > Date.now() + 29 * 86_400_000);
    await refusals(files, { cookie: cookies.student1 });
    await refusals(files, { cookie: cookies.dolma });
    const { entries } = routes['replay.log'].output.parse((await get(before.log, 'student1')).data);
    const inside = entries
      .filter(({ t }) => t >= passage.from && t < passage.to)
      .map(({ event }) => event.type);
    assert.ok(!inside.some((type) => /^(ink\.drawn|chat|laser)/.test(type)), `${inside}`);
    const now = await replayFor('student1');
    assert.deepEqual(
      now.captions?.map(({ count }) => count),
      [1],
    );
    assert.doesNotMatch((await get(now.captions?.[0]?.url ?? '', 'student1')).text, /白玛/);
    await ready('voice');
    const again = await replayFor('student1');
    assert.match(again.renditions[0]?.url ?? '', /\/e1\/voice\.m3u8$/);
    assert.deepEqual(again.gaps, [{ ...passage, hidden: true }]);
    await refusals(files, { cookie: cookies.student1 });
  });

  it('refuses a change made of an older state, and goes back when asked to', async () => {
    const { revision, previous } = await edited();
    const stale = await post(`${PATH}/edit`, { revision: revision - 1, edit: NO_EDIT }, 'dolma');
    assert.deepEqual([stale.status, stale.code], [409, 'edit_outdated']);
    assert.deepEqual(previous, NO_EDIT);
    await save(previous ?? NO_EDIT);
    await ready('voice');
    const { entries } = routes['replay.log'].output.parse((await get(`${PATH}/log`, 'student1')).data);
    assert.deepEqual(
      entries.map(({ seq }) => seq),
      entries.map((_, i) => i + 1),
    );
  });

  it('keeps the original for the administrator, and erases it when its time has come', async () => {
    const whole = routes['replay.log'].output.parse((await get(`${PATH}/log`, 'dolma')).data).entries;
    const { from } = await replayFor('dolma');
    await save({ hidden: [{ id: 'h2', from: from + 20_000, to: from + 40_000, writing: true }] });
    const original = routes['replay.original'].output.parse((await get(`${PATH}/original`, 'admin')).data);
    const log = routes['replay.log'].output.parse((await get(original.log, 'admin')).data);
    assert.equal(log.entries.length, whole.length);
    const voice = original.renditions[0]?.url ?? '';
    assert.equal((await get(voice, 'admin')).status, 200);
    assert.equal((await get(voice, 'dolma')).code, 'forbidden');
    const ofOriginal = [original.log, original.lines, voice];
    await refusals(ofOriginal, { cookie: cookies.student1 });
    await refusals(ofOriginal, {});
    const shown = async (who: string) =>
      routes['replay.show'].output.parse((await get(`${PATH}/replay`, who)).data);
    assert.ok(((await shown('admin')).original?.eraseAt ?? 0) > Date.now());
    assert.equal((await shown('dolma')).original, undefined);
    assert.equal((await get(`${PATH}/original`, 'admin', { method: 'DELETE' })).status, 200);
    const { erased, eraseAt } = await edited();
    assert.deepEqual([erased, eraseAt], [true, null]);
    await refusals([voice], { cookie: cookies.admin });
    await save({});
    const left = routes['replay.log'].output.parse((await get(`${PATH}/log`, 'dolma')).data).entries;
    assert.ok(left.length < whole.length, 'what was erased does not come back');
    await ready('voice');
  });

  it('gives nobody the page that was there in a hidden passage alone, and erases that, too', async () => {
    const page = `/courseware/${FINISHED_LESSON}/${mistake}`;
    assert.equal((await get(page, 'student1')).text, MISTAKE);
    const { recorded } = await edited();
    await save({
      hidden: [{ id: 'h3', from: recorded.to - 5_000, to: recorded.to + 60_000, writing: true }],
    });
    await refusals([page], { cookie: cookies.student1 });
    await refusals([page], { cookie: cookies.dolma });
    assert.doesNotMatch((await get(`${PATH}/log`, 'student1')).text, new RegExp(mistake));
    assert.equal((await get(page, 'admin')).text, MISTAKE, 'it is the administrator’s until it is erased');
    await get(`${PATH}/original`, 'admin', { method: 'DELETE' });
    await refusals([page], { cookie: cookies.admin });
    const kept = await openFolderStore(join(server.directory, 'objects')).info(fileKey(mistake));
    assert.equal(kept, null);
    await save({});
    await ready('voice');
  });

  it('publishes to those it is published to', async () => {
    const publish = (audience: string) => post(`${PATH}/audience`, { audience }, 'dolma');
    await publish('lead');
    assert.equal((await get(`${PATH}/replay`, 'student1')).code, 'forbidden');
    assert.equal((await get(`${PATH}/replay`, 'dolma')).status, 200);
    await publish('library');
    assert.equal(
      routes['replay.show'].output.parse((await get(`${PATH}/replay`, 'faraway')).data).part,
      'observer',
    );
    assert.equal((await get(`${PATH}/replay`)).code, 'not_signed_in');
    assert.equal((await get(`${PATH}/replay`, 'tech')).code, 'not_found');
    await publish('class');
    assert.equal((await get(`${PATH}/replay`, 'faraway')).code, 'not_found');
  });

  it('names chapters and parts without making anything anew', async () => {
    const { from, to, renditions } = await replayFor('dolma');
    await save({
      chapters: [{ t: from + 5000, title: '认识分数' }],
      splits: [from + 60_000],
      partTitles: ['上', '下'],
    });
    const replay = await replayFor('student1');
    assert.deepEqual(
      replay.chapters?.map(({ title }) => title),
      ['上', '认识分数', '下'],
    );
    assert.deepEqual(replay.parts, [
      { from, to: from + 60_000, title: '上' },
      { from: from + 60_000, to, title: '下' },
    ]);
    assert.deepEqual(replay.renditions, renditions);
  });

  it('is shown with the next lesson of the course', async () => {
    const { data } = await post(`${PATH}/attachment`, { attached: true }, 'dolma');
    const { to } = routes['edit.attach'].output.parse(data);
    assert.ok(to);
    const next = routes['lesson.show'].output.parse(
      (await get(`/api/v1/lessons/${to.lesson}`, 'student1')).data,
    );
    assert.deepEqual(
      next.before?.map(({ lesson }) => lesson),
      [FINISHED_LESSON],
    );
    await post(`${PATH}/attachment`, { attached: false }, 'dolma');
    const after = routes['lesson.show'].output.parse(
      (await get(`/api/v1/lessons/${to.lesson}`, 'student1')).data,
    );
    assert.deepEqual(after.before, []);
  });

  it('is merged with another lesson of its teacher’s by nobody else', async () => {
    const merge = (who: string, other: string) => post(`${PATH}/merge`, { with: other }, who);
    assert.equal((await merge('student1', FINISHED_LESSON)).code, 'forbidden');
    assert.equal((await merge('dolma', 'none')).code, 'not_found');
    assert.equal((await merge('dolma', FINISHED_LESSON)).code, 'merge_impossible');
    const { data } = await get(`${PATH}/neighbours`, 'dolma');
    assert.deepEqual(routes['edit.neighbours'].output.parse(data).lessons, []);
  });

  describe('a share', () => {
    let token: string;
    let share: string;
    let visitor: string;

    const open = async (value: string): Promise<Reply> => post('/api/v1/shares', { token: value });
    const cookieOf = ({ headers }: Reply): string => headers.get('set-cookie')?.split(';')[0] ?? '';

    it('opens the replay, all of it and nothing else, for a browser without an account', async () => {
      const until = Date.now() + 86_400_000;
      const made = routes['share.make'].output.parse(
        (await post(`${PATH}/shares`, { label: '家长会', until }, 'dolma')).data,
      );
      ({ token } = made);
      share = made.share.id;
      const opened = await open(token);
      assert.deepEqual(opened.data, { lesson: FINISHED_LESSON });
      visitor = cookieOf(opened);
      for (const path of await everything())
        assert.equal((await server.send(path, { cookie: visitor })).status, 200, path);
      const rest = ['', '/edit', '/shares', '/original'].map((path) => PATH + path);
      assert.deepEqual(
        await refusals([...rest, '/api/v1/lessons'], { cookie: visitor }),
        new Set(['not_signed_in']),
      );
      const { shares } = routes['share.list'].output.parse((await get(`${PATH}/shares`, 'dolma')).data);
      assert.deepEqual(
        shares.map(({ label, opened: count, revoked }) => [label, count, revoked]),
        [['家长会', 1, false]],
      );
      assert.doesNotMatch(JSON.stringify(shares), new RegExp(token));
    });

    it('opens for all who were given it, however many come from one address', async () => {
      for (let i = 0; i < 70; i++) assert.equal((await open(token)).status, 200);
    });

    it('gives no byte once it is revoked, nor once its time is over', async () => {
      const paths = await everything();
      await get(`${PATH}/shares/${share}`, 'dolma', { method: 'DELETE' });
      assert.deepEqual(await refusals(paths, { cookie: visitor }), new Set(['not_signed_in']));
      assert.equal((await open(token)).code, 'share_ended');
      const until = Date.now() + 700;
      const made = routes['share.make'].output.parse(
        (await post(`${PATH}/shares`, { label: '', until }, 'dolma')).data,
      );
      const brief = cookieOf(await open(made.token));
      assert.equal((await server.send(`${PATH}/replay`, { cookie: brief })).status, 200);
      await eventually(
        async () => (await server.send(`${PATH}/replay`, { cookie: brief })).status === 401,
        'the end of the share',
      );
      assert.deepEqual(await refusals(paths, { cookie: brief }), new Set(['not_signed_in']));
      assert.equal((await open(made.token)).code, 'share_ended');
    });

    it('ends within a year, is written down, and cannot be guessed for long', async () => {
      const late = { label: '', until: Date.now() + 400 * 86_400_000 };
      assert.equal((await post(`${PATH}/shares`, late, 'dolma')).code, 'bad_request');
      assert.ok((await countAudit({ action: 'share.open', target: FINISHED_LESSON })) >= 2);
      assert.ok((await countAudit({ action: 'share.revoke', actor: 'demo-dolma' })) === 1);
      // Nobody guesses who has a link that is over.
      for (let i = 0; i < 70; i++) assert.equal((await open(token)).code, 'share_ended');
      const guess = 'A'.repeat(43);
      const codes = new Set<string | undefined>();
      for (let i = 0; i < 70; i++) codes.add((await open(guess)).code);
      assert.deepEqual(codes, new Set(['share_ended', 'too_many_requests']));
    });
  });
});
