import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type LessonSummary, routes } from '../../protocol/api.ts';
import { EMPTY_LESSON, reduce } from '../../protocol/lesson.ts';
import type { Replay } from '../../protocol/replay.ts';
import { hashPassword } from '../../server/auth/password.ts';
import { DEMO_PASSWORD } from '../../server/demo/demo.ts';
import { createAccount } from '../../server/store/accounts.ts';
import { createSchool } from '../../server/store/schools.ts';
import { Bot } from '../bots/bot.ts';
import { get } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { DEMO } from '../support/server.ts';
import { type HttpServer, startHttpServer } from './http-server.ts';

const FFPROBE = process.env.FFPROBE_BIN || 'ffprobe';
/** A class waits no longer than this for its replay. */
const BELL_MS = 2000;

describe('a lesson that goes on, watched from its beginning', function () {
  this.timeout(60_000);
  let server: HttpServer;
  let lesson: string;
  let cookie: string;
  let teacher: Bot;

  before(async () => {
    server = await startHttpServer();
    cookie = await server.as(DEMO.student);
    const as = await server.as(DEMO.teacher);
    const { lessons } = await get<{ lessons: LessonSummary[] }>(server.url, '/lessons', as);
    lesson = lessons.find(({ state, part }) => state === 'ready' && part === 'lead')?.id ?? '';
    teacher = await Bot.join({ url: server.url, lesson, name: DEMO.teacher, cookie: as, media: true });
  });

  after(async () => {
    await teacher?.close();
    await server.close();
  });

  const ask = () => server.send(`/api/v1/lessons/${lesson}/replay`, { cookie });
  const show = async (): Promise<Replay> => {
    const { data } = await ask();
    return routes['replay.show'].output.parse(data);
  };
  const log = async (after: number) => {
    const { data } = await server.send(`/api/v1/lessons/${lesson}/log?after=${after}`, { cookie });
    return routes['replay.log'].output.parse(data).entries;
  };
  const segments = (playlist: string): string[] => playlist.match(/^voice-[\w-]+-\d+\.m4s$/gm) ?? [];

  it('is nothing before it begins', async () => {
    assert.equal((await ask()).code, 'replay_not_ready');
  });

  it('has its voice and its log so far, and what is new of both', async () => {
    await teacher.client.request('lesson.start', {});
    await teacher.speak();
    await eventually(async () => ((await show()).renditions[0]?.bytes ?? 0) > 0, 'a voice');
    const early = await show();
    assert.ok(early.live);
    assert.equal(early.state.voice, 'working');
    assert.ok(early.to > early.from && early.to <= early.live.now);
    assert.ok(early.live.now - early.to < 10_000, `${early.live.now - early.to} ms behind`);
    const url = early.renditions[0]?.url ?? '';
    const before = await server.send(url, { cookie });
    assert.match(before.text, /EVENT/);
    assert.doesNotMatch(before.text, /ENDLIST/);
    assert.match(before.headers.get('cache-control') ?? '', /no-cache/);
    assert.equal((await probeVoice(url, segments(before.text))).codec, 'opus');

    const known = await log(0);
    const state = known.reduce(reduce, EMPTY_LESSON);
    assert.equal(state.phase, 'live');
    await teacher.client.perform('chat.say', { text: '好' });
    const fresh = await log(state.seq);
    assert.ok(fresh.some(({ event }) => event.type === 'chat.said'));
    assert.equal(fresh[0]?.seq, state.seq + 1);
    assert.deepEqual(await log(fresh.at(-1)?.seq ?? 0), []);
  });

  it('gives those who have the playlist only what is new', async () => {
    const url = `/replays/${lesson}/voice-live.m3u8`;
    const text = async (query = '') => (await server.send(url + query, { cookie })).text;
    await eventually(async () => segments(await text()).length >= 1, 'segments');
    const whole = await text();
    const skipped = Number(/SKIPPED-SEGMENTS=(\d+)/.exec(await text('?_HLS_skip=YES'))?.[1] ?? 0);
    assert.equal(skipped, 0, 'too few to leave any out');
    assert.match(whole, /CAN-SKIP-UNTIL=36/);
  });

  it('gives no byte to those whom it does not concern', async () => {
    const name = { 'zh-CN': '别的学校' };
    const school = await createSchool({ name, region: name, kind: 'hub' });
    const password = await hashPassword(DEMO_PASSWORD);
    await createAccount({ username: 'outsider', password, role: 'student', name, school });
    const stranger = await server.as('outsider');
    for (const path of [
      `/api/v1/lessons/${lesson}/replay`,
      `/api/v1/lessons/${lesson}/log`,
      ...['.m3u8', '-init.mp4', '-00000.m4s'].flatMap((file) => [
        `/replays/${lesson}/voice-live${file}`,
        `/replays/${lesson}/voice-live-aac${file}`,
      ]),
    ]) {
      assert.equal((await server.send(path, { cookie })).status, 200, path);
      assert.equal((await server.send(path)).code, 'not_signed_in', path);
      assert.equal((await server.send(path, { cookie: stranger })).code, 'not_found', path);
    }
    const aac = await server.send(`/replays/${lesson}/voice-live-aac.m3u8`, { cookie });
    assert.doesNotMatch(aac.text, /ENDLIST/);
    assert.equal(
      (await probeVoice(`/replays/${lesson}/voice-live-aac.m3u8`, segments(aac.text))).codec,
      'aac',
    );
    const unfinished = `/replays/${lesson}/voice-opus.m3u8`;
    assert.equal((await server.send(unfinished, { cookie })).code, 'not_found');
  });

  it('is a replay at the bell, and can be watched on as it was', async () => {
    const bell = performance.now();
    await teacher.client.request('lesson.end', {});
    const isReady = async () => {
      const parsed = routes['replay.show'].output.safeParse((await ask()).data);
      return parsed.success && parsed.data.state.voice === 'ready';
    };
    await eventually(isReady, 'the replay', BELL_MS);
    const readyMs = performance.now() - bell;
    const replay = await show();
    assert.equal(replay.live, undefined);
    assert.ok(readyMs < BELL_MS, `${readyMs} ms`);
    const url = `/replays/${lesson}/voice-aac.m3u8`;
    assert.match((await server.send(`/replays/${lesson}/voice.m3u8`, { cookie })).text, /^voice-aac\.m3u8$/m);
    const aac = (await server.send(url, { cookie })).text;
    assert.match(aac, /ENDLIST/);
    assert.equal((await probeVoice(url, segments(aac).slice(0, 1))).codec, 'aac');
    const withoutOpus = performance.now() - bell;
    assert.ok(withoutOpus < BELL_MS, `for devices without Opus ${withoutOpus} ms`);
    const live = (await server.send(`/replays/${lesson}/voice-live.m3u8`, { cookie })).text;
    assert.match(live, /ENDLIST/);
    const whole = (await server.send(`/replays/${lesson}/voice-opus.m3u8`, { cookie })).text;
    const lasts = (replay.to - replay.from) / 1000;
    const liveAac = (await server.send(`/replays/${lesson}/voice-live-aac.m3u8`, { cookie })).text;
    assert.match(liveAac, /ENDLIST/);
    for (const playlist of [live, liveAac, whole]) {
      const [name = ''] = segments(playlist);
      const { lastPacketAt } = await probeVoice(`/replays/${lesson}/${name}`, segments(playlist));
      // A packet of Opus is 120 ms at most, and may reach over the end: in AAC that is some packets more.
      const over = playlist === liveAac ? 0.12 : 0;
      assert.ok(
        lastPacketAt < lasts + over && lastPacketAt > lasts - 0.25,
        `${name}: ${lastPacketAt} s of ${lasts}`,
      );
    }
    assert.equal((await log(0)).reduce(reduce, EMPTY_LESSON).phase, 'ended');
  });

  /** What ffprobe says of segments with their beginning, as they are served. */
  async function probeVoice(url: string, names: readonly string[]) {
    const base = url.slice(0, url.lastIndexOf('/') + 1);
    const init = (names[0] ?? '').replace(/\d+\.m4s$/, 'init.mp4');
    const parts: Buffer[] = [];
    for (const name of [init, ...names]) {
      const response = await fetch(server.url + base + name, { headers: { cookie } });
      parts.push(Buffer.from(await response.arrayBuffer()));
    }
    const directory = await mkdtemp(join(tmpdir(), 'tongke-probe-'));
    try {
      const path = join(directory, 'voice.mp4');
      await writeFile(path, Buffer.concat(parts));
      const args = ['-v', 'error', '-show_entries', 'stream=codec_name:packet=pts_time', '-of', 'json', path];
      const { stdout, stderr } = await promisify(execFile)(FFPROBE, args);
      assert.equal(stderr, '');
      const { streams, packets }: { streams: { codec_name: string }[]; packets: { pts_time: string }[] } =
        JSON.parse(stdout);
      return { codec: streams[0]?.codec_name, lastPacketAt: Number(packets.at(-1)?.pts_time) };
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }
});
