import assert from 'node:assert/strict';
import { access, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LessonSummary, routes } from '../../protocol/api.ts';
import { Bot } from '../bots/bot.ts';
import { FFMPEG, probe } from '../recordings/support.ts';
import { get } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { DEMO } from '../support/server.ts';
import { unzip } from '../support/unzip.ts';
import { type HttpServer, startHttpServer } from './http-server.ts';

describe('an archive of a lesson of which there is no AAC yet', function () {
  this.timeout(60_000);
  let server: HttpServer;
  let directory: string;
  let lesson: string;
  let cookie: string;
  let from: number;
  let to: number;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tongke-archive-'));
    // Encodes in AAC only while there is a file `go`, and says by a file `asked` that it was called to.
    const ffmpeg = join(directory, 'ffmpeg');
    const wait = `touch ${directory}/asked; while [ ! -e ${directory}/go ]; do sleep 0.05; done`;
    const script = `#!/bin/sh\ncase " $* " in *" -c:a aac "*) ${wait};; esac\nexec ${FFMPEG} "$@"\n`;
    await writeFile(ffmpeg, script, { mode: 0o755 });
    server = await startHttpServer({ FFMPEG_BIN: ffmpeg });
    cookie = await server.as(DEMO.student);
    const as = await server.as(DEMO.teacher);
    const { lessons } = await get<{ lessons: LessonSummary[] }>(server.url, '/lessons', as);
    lesson = lessons.find(({ state, part }) => state === 'ready' && part === 'lead')?.id ?? '';
    const teacher = await Bot.join({ url: server.url, lesson, name: DEMO.teacher, cookie: as, media: true });
    await teacher.client.request('lesson.start', {});
    await teacher.media.sendVoice();
    const show = async () => {
      const reply = await server.send(`/api/v1/lessons/${lesson}/replay`, { cookie });
      return routes['replay.show'].output.safeParse(reply.data).data;
    };
    await eventually(async () => ((await show())?.renditions[0]?.bytes ?? 0) > 0, 'a voice');
    await teacher.client.request('lesson.end', {});
    await eventually(async () => (await show())?.state.picture === 'ready', 'the replay');
    const replay = await show();
    assert.ok(replay);
    ({ from, to } = replay);
    await teacher.close();
  });
  after(async () => {
    await writeFile(join(directory, 'go'), '');
    await server?.close();
    await rm(directory, { recursive: true, force: true });
  });

  const isAsked = () =>
    access(join(directory, 'asked')).then(
      () => true,
      () => false,
    );
  const size = async () => {
    const { data } = await server.send(`/api/v1/lessons/${lesson}/archive`, { cookie });
    return routes['archive.show'].output.parse(data);
  };
  const download = () => fetch(`${server.url}/replays/${lesson}/archive.zip`, { headers: { cookie } });

  it('has a size, about, and has nothing made by being weighed', async () => {
    const { bytes, exact } = await size();
    assert.ok(bytes && bytes > 100_000);
    assert.equal(exact, false);
    assert.equal(await isAsked(), false);
  });

  it('is sent while its AAC is being made, to two at once, and has it', async () => {
    const said = await size();
    const responses = await Promise.all([download(), download()]);
    const parts = await Promise.all(
      responses.map(async (response) => {
        assert.equal(response.status, 200);
        assert.equal(response.headers.get('content-length'), null);
        const reader = response.body?.getReader();
        assert.ok(reader);
        const chunks: Uint8Array[] = [];
        const early = () => Buffer.concat(chunks);
        while (!early().includes('/voice-opus.mp4'))
          chunks.push((await reader.read()).value ?? assert.fail());
        return { reader, chunks };
      }),
    );
    await eventually(isAsked, 'an encoder');
    for (const { chunks } of parts) assert.ok(!Buffer.concat(chunks).includes('voice-aac.m4a'));
    await writeFile(join(directory, 'go'), '');
    for (const [index, { reader, chunks }] of parts.entries()) {
      for (let read = await reader.read(); !read.done; read = await reader.read()) chunks.push(read.value);
      const zip = Buffer.concat(chunks);
      assert.ok(Math.abs(zip.length - (said.bytes ?? 0)) < 50_000, `${zip.length}, ${said.bytes} was said`);
      await isWhole(zip, join(directory, `unzipped${index}`));
    }
  });

  it('is as long as it says from then on', async () => {
    const { bytes, exact } = await size();
    const response = await download();
    assert.equal(exact, true);
    assert.equal(response.headers.get('content-length'), String(bytes));
    await isWhole(Buffer.from(await response.arrayBuffer()), join(directory, 'unzipped'));
  });

  async function isWhole(zip: Buffer, folder: string): Promise<void> {
    await unzip(zip, folder);
    const [root = ''] = await readdir(folder);
    const script = await readFile(join(folder, root, 'replay.js'), 'utf8');
    const data = JSON.parse(script.replace(/^window\.tongkeReplay = |;\n$/g, ''));
    const codecs: (string | undefined)[] = [];
    for (const { name } of data.voices) {
      const { streams, duration } = await probe(join(folder, root, name));
      codecs.push(streams[0]?.codec_name);
      assert.ok(Math.abs(duration - (to - from) / 1000) < 0.15, `${name} lasts ${duration} s`);
    }
    assert.deepEqual(codecs, ['opus', 'aac']);
  }
});
