import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { routes } from '../../protocol/api.ts';
import { type BoardPage, shownPages } from '../../protocol/board.ts';
import { DEMO_PASSWORD } from '../../server/demo/demo.ts';
import { lessonFiles } from '../../server/store/courseware.ts';
import { createLesson } from '../../server/store/lessons.ts';
import { wordsOn } from '../../server/store/page-words.ts';
import { signIn, TestClient } from '../support/client.ts';
import { archive, lyingJpeg, pdf, picture, png, SVG } from '../support/courseware-files.ts';
import { eventually } from '../support/eventually.ts';
import { DEMO } from '../support/server.ts';
import { CoursewareSite } from './courseware-site.ts';
import { type HttpServer, startHttpServer } from './http-server.ts';

describe('courseware', function () {
  this.timeout(120_000); // programs that go behind all others take their time on a busy machine

  let server: HttpServer;
  let teacher: string;
  let count = 0;

  before(async () => {
    server = await startHttpServer();
    teacher = await server.as(DEMO.teacher);
  });

  after(() => server.close());

  /** A lesson of the demo's teacher that is still to come. */
  async function lessonToCome(hours = 1): Promise<string> {
    const id = `demo-prepared-${++count}`;
    const startsAt = new Date(Date.now() + hours * 3_600_000);
    await createLesson({
      ...{
        id,
        title: { 'zh-CN': '备课' },
        course: 'demo-maths',
        lead: 'demo-dolma',
        locals: [],
        classes: [],
      },
      ...{ rooms: ['demo-room1'], startsAt, endsAt: new Date(startsAt.getTime() + 2_400_000) },
    });
    return id;
  }

  async function site(): Promise<CoursewareSite> {
    return new CoursewareSite(server, teacher, await lessonToCome());
  }

  async function boardOf(lesson: string): Promise<readonly BoardPage[]> {
    const { lesson: open } = await server.lessons.open(lesson);
    return shownPages(open.state().board);
  }

  const read = (lesson: string, sha256: string, cookie: string, headers = {}) =>
    server.send(`/courseware/${lesson}/${sha256}`, { cookie, headers });

  it('of three pages becomes three pages of the board, in place of the empty one', async () => {
    const at = await site();
    const made = await at.bring('Fractions.pdf', pdf({ pages: 3 }));
    assert.deepEqual([made.state, made.pages, made.of, made.problem], ['ready', 3, 3, null]);
    const pages = await boardOf(at.lesson);
    assert.deepEqual(
      pages.map(({ kind, file }) => [kind, file?.form, file?.width, file?.height]),
      Array(3).fill(['courseware', 'svg', 720, 405]),
    );
    const words = await wordsOn(pages.map(({ file }) => file?.sha256 ?? ''));
    assert.deepEqual(words.map(({ text }) => text).sort(), ['Fractions 1', 'Fractions 2', 'Fractions 3']);
    assert.deepEqual(
      await server.lessons.open(at.lesson).then(({ lesson }) => lesson.state().board.current),
      pages[0]?.id,
    );
  });

  it('is read by who may attend, and by nobody else; it never changes', async () => {
    const at = await site();
    await at.bring('one.pdf', pdf());
    const [page] = await boardOf(at.lesson);
    const { sha256 = '', bytes = 0 } = page?.file ?? {};
    const room = await server.as(DEMO.room);
    const reply = await read(at.lesson, sha256, room);
    assert.equal(reply.status, 200);
    assert.equal(createHash('sha256').update(reply.text).digest('hex'), sha256);
    assert.equal(Buffer.byteLength(reply.text), bytes);
    assert.equal(reply.headers.get('content-type'), 'image/svg+xml');
    assert.match(reply.headers.get('content-security-policy') ?? '', /default-src 'none'.*sandbox/);
    assert.match(reply.headers.get('cache-control') ?? '', /private.*immutable/);
    assert.equal(reply.headers.get('x-content-type-options'), 'nosniff');
    assert.match(reply.headers.get('content-encoding') ?? '', /br|gzip/);
    const again = await read(at.lesson, sha256, room, { 'if-none-match': reply.headers.get('etag') ?? '' });
    assert.equal(again.status, 304);
    assert.equal((await read(at.lesson, sha256, await server.as('student1'))).code, 'not_found');
    assert.equal((await server.send(`/courseware/${at.lesson}/${sha256}`)).code, 'not_signed_in');
    // Of another lesson it is none of theirs, although it is on the same disk.
    assert.equal((await read(await lessonToCome(), sha256, teacher)).code, 'not_found');
    assert.equal((await read(at.lesson, '..%2f..%2fkeys%2fsession-secret', teacher)).code, 'not_found');
    assert.deepEqual(
      (await lessonFiles(at.lesson)).map((file) => file.sha256),
      [sha256],
    );
  });

  it('is read in parts', async () => {
    const at = await site();
    await at.bring('photo.jpg', picture('mjpeg'));
    const [page] = await boardOf(at.lesson);
    const { sha256 = '', bytes = 0, form } = page?.file ?? {};
    assert.equal(form, 'webp');
    const part = await read(at.lesson, sha256, teacher, { range: 'bytes=8-11' });
    assert.deepEqual([part.status, part.text], [206, 'WEBP']);
    assert.equal(part.headers.get('content-range'), `bytes 8-11/${bytes}`);
    assert.equal((await read(at.lesson, sha256, teacher, { range: `bytes=${bytes}-` })).status, 416);
  });

  it('goes on after a broken line, from what is there', async () => {
    const at = await site();
    const file = pdf({ pages: 2 });
    const id = await at.add('long.pdf', file.length);
    assert.equal(await at.send(id, file.subarray(0, 300)), 300);
    assert.equal((await at.list())[0]?.received, 300);
    // What was sent twice, or too early, is not taken: the sender is told where to go on.
    assert.equal(await at.send(id, file.subarray(200), 200), 300);
    assert.equal(await at.send(id, file.subarray(400), 400), 300);
    assert.equal(await at.send(id, file.subarray(300), 300), file.length);
    assert.deepEqual([(await at.settled(id)).state, (await boardOf(at.lesson)).length], ['ready', 2]);
  });

  it('takes no more than was announced, and nothing from others', async () => {
    const at = await site();
    const id = await at.add('small.pdf', 10);
    await assert.rejects(at.send(id, Buffer.alloc(11)), /file_too_large/);
    assert.equal((await at.list())[0]?.received, 0);
    const other = new CoursewareSite(server, await server.as('tashi'), at.lesson);
    await assert.rejects(other.send(id, Buffer.alloc(5)), /not_found|forbidden/);
    const foreign = await server.send(`/courseware/${at.lesson}/uploads/${id}?from=0`, {
      ...{ method: 'PATCH', cookie: teacher, headers: { origin: 'https://elsewhere.test' }, body: 'x' },
    });
    assert.equal(foreign.code, 'forbidden');
  });

  it('leaves nothing behind: neither what was brought, nor what it was made with', async () => {
    const at = await site();
    const { id } = await at.bring('once.pdf', pdf({ pages: 5 }));
    const left = async (folder: string) =>
      (await readdir(join(server.directory, folder)).catch(() => [])).length;
    assert.ok(!(await readdir(join(server.directory, 'courseware/uploads'))).includes(id));
    await eventually(async () => (await left('courseware/workshop')) === 0, 'no tools at work');
    assert.deepEqual((await readdir(join(server.directory, 'objects'))).sort(), [
      'courseware',
      'courseware-sources',
    ]);
    await eventually(async () => (await left('objects/courseware-sources')) === 0, 'no source');
  });

  it('is a picture where a drawing would be heavy, and stands where it was put in a running lesson', async () => {
    const at = await site();
    const client = await TestClient.connect(
      server.url,
      await signIn(server.url, DEMO.teacher, DEMO_PASSWORD),
    );
    await client.join(at.lesson);
    await client.request('lesson.start', {});
    await client.perform('page.add', { page: { id: 'second', kind: 'grid' }, after: 'page1' });
    await client.perform('page.turn', { page: 'page1' });
    await at.bring('map.pdf', pdf({ photograph: true }), 'page1');
    const pages = await boardOf(at.lesson);
    assert.deepEqual(
      pages.map(({ kind }) => kind),
      ['blank', 'courseware', 'grid'],
    );
    assert.equal(pages[1]?.file?.form, 'webp');
    const { lesson } = await server.lessons.open(at.lesson);
    assert.equal(lesson.state().board.current, 'page1');
    await client.perform('ink.undo', { page: 'page1' });
    assert.deepEqual(
      (await boardOf(at.lesson)).map(({ kind }) => kind),
      ['blank', 'grid'],
    );
    client.close();
  });

  it('is upright, however the camera was held, and no larger than a screen shows', async () => {
    const at = await site();
    await at.bring('a.jpg', lyingJpeg(320, 180));
    await at.bring('b.png', png(4000, 1000));
    await at.bring('c.webp', picture('libwebp'));
    await at.bring('d.gif', picture('gif'));
    await at.bring('e.svg', SVG);
    assert.deepEqual(
      (await boardOf(at.lesson)).map(({ file }) => [file?.form, file?.width, file?.height]),
      [
        ['webp', 180, 320],
        ['webp', 2048, 512],
        ['webp', 320, 180],
        ['webp', 320, 180],
        ['svg', 160, 90],
      ],
    );
  });

  it('is made once of the same file, for whichever lesson', async () => {
    const [one, other] = [await site(), await site()];
    const file = pdf({ pages: 4 });
    await one.bring('x.pdf', file);
    await other.bring('y.pdf', file);
    const names = async (lesson: string) => (await boardOf(lesson)).map((page) => page.file?.sha256);
    assert.deepEqual(await names(other.lesson), await names(one.lesson));
  });

  it('of slides says what to do where there is no LibreOffice, and is tried again when asked', async () => {
    if (process.env.SOFFICE_BIN) return;
    const at = await site();
    const made = await at.bring('slides.pptx', await archive({ 'ppt/presentation.xml': '<p/>' }));
    assert.deepEqual([made.state, made.problem], ['failed', 'slides_unavailable']);
    const path = `/api/v1/lessons/${at.lesson}/courseware/${made.id}`;
    assert.equal(
      (await server.send(`${path}/retry`, { method: 'POST', cookie: teacher, body: {} })).status,
      200,
    );
    assert.equal((await at.settled(made.id)).problem, 'slides_unavailable');
    assert.equal((await server.send(path, { method: 'DELETE', cookie: teacher })).status, 200);
    assert.deepEqual(await at.list(), []);
  });
});

/** Stands in for LibreOffice, as far as it is asked: prints what it is given to a folder. */
const PRINTER = `#!/bin/sh
profile="\${1#-env:UserInstallation=file://}"
grep -q DisableMacrosExecution "$profile/user/registrymodifications.xcu" || exit 3
while [ "$1" != --outdir ]; do shift; done
mkdir -p "$2" && cp "$(dirname "$0")/printed.pdf" "$2/source.pdf"
`;

describe('where LibreOffice is, and little room', function () {
  this.timeout(120_000);
  let folder: string;
  let server: HttpServer;
  let at: CoursewareSite;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tongke-soffice-'));
    await writeFile(join(folder, 'printed.pdf'), pdf({ pages: 2 }));
    await writeFile(join(folder, 'soffice'), PRINTER, { mode: 0o755 });
    server = await startHttpServer({ SOFFICE_BIN: join(folder, 'soffice'), COURSEWARE_GB: '0.01' });
    at = new CoursewareSite(server, await server.as(DEMO.teacher), 'demo-today-1');
  });

  after(async () => {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('slides are printed, without macros, and become pages', async () => {
    const made = await at.bring('slides.pptx', await archive({ 'ppt/presentation.xml': '<p/>' }));
    assert.deepEqual([made.problem, made.state, made.pages], [null, 'ready', 2]);
  });

  it('a school keeps to its share: what goes beyond is refused, what is given up makes room', async () => {
    const MEGABYTE = 1024 ** 2;
    const path = `/api/v1/lessons/${at.lesson}/courseware`;
    const announce = async (megabytes: number) => {
      const body = { name: 'x.pdf', bytes: megabytes * MEGABYTE };
      return (await server.send(path, { method: 'POST', cookie: at.cookie, body })).code;
    };
    const first = await at.add('first.pdf', 6 * MEGABYTE);
    assert.equal(await announce(5), 'storage_full');
    assert.equal(await announce(4), undefined);
    assert.equal(await announce(4), 'storage_full');
    await server.send(`${path}/${first}`, { method: 'DELETE', cookie: at.cookie });
    assert.equal(await announce(4), undefined);
  });

  it('a lesson keeps to so many files, however small', async () => {
    const { length } = await at.list();
    for (let n = length; n < 100; n++) await at.add(`${n}.pdf`, 1);
    const path = `/api/v1/lessons/${at.lesson}/courseware`;
    const body = { name: 'one-more.pdf', bytes: 1 };
    assert.equal((await server.send(path, { method: 'POST', cookie: at.cookie, body })).code, 'storage_full');
  });
});

describe('an earlier board', () => {
  it('is brought to a lesson of the same course, marks and files and all, and to no other', async () => {
    const server = await startHttpServer();
    try {
      const cookie = await server.as(DEMO.teacher);
      const one = new CoursewareSite(server, cookie, 'demo-today-1');
      await one.bring('x.pdf', pdf());
      const client = await TestClient.connect(server.url, cookie);
      await client.join(one.lesson);
      await client.request('lesson.start', {});
      const page = client.state.board.current;
      const brush = { tool: 'pen', colour: '#14212b', width: 7, grid: 1 } as const;
      await client.perform('ink.draw', { stroke: 's1', page, brush, data: 'AAAA', done: true });
      await client.request('lesson.end', {});
      client.close();
      const startsAt = new Date(Date.now() + 86_400_000);
      const later = {
        title: { 'zh-CN': '下一节' },
        lead: 'demo-dolma',
        locals: [],
        classes: [],
        rooms: ['demo-room1'],
      };
      const times = { startsAt, endsAt: new Date(startsAt.getTime() + 2_400_000) };
      await createLesson({ ...later, ...times, id: 'demo-next', course: 'demo-maths' });
      await createLesson({ ...later, ...times, id: 'demo-other', course: 'demo-tibetan' });
      const path = (lesson: string) => `/api/v1/lessons/${lesson}/earlier`;
      const { data } = await server.send(path('demo-next'), { cookie });
      const { lessons } = routes['board.earlier'].output.parse(data);
      assert.deepEqual(
        lessons.map(({ id, pages }) => [id, pages]),
        [[one.lesson, 1]],
      );
      const body = { from: one.lesson };
      assert.equal(
        (await server.send(path('demo-other'), { method: 'POST', cookie, body })).code,
        'not_found',
      );
      assert.equal((await server.send(path('demo-next'), { method: 'POST', cookie, body })).status, 200);
      const { lesson } = await server.lessons.open('demo-next');
      const [brought, ...others] = shownPages(lesson.state().board);
      assert.equal(others.length, 0);
      assert.equal(brought?.kind, 'courseware');
      assert.deepEqual(
        Object.values(brought?.strokes ?? {}).map(({ chunks, whole }) => [chunks, whole]),
        [[['AAAA'], true]],
      );
      const file = await server.send(`/courseware/demo-next/${brought?.file?.sha256}`, {
        cookie: await server.as(DEMO.room),
      });
      assert.equal(file.status, 200);
    } finally {
      await server.close();
    }
  });
});
