import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { routes } from '../../protocol/api.ts';
import { createLesson } from '../../server/store/lessons.ts';
import { picture } from '../support/courseware-files.ts';
import { DEMO } from '../support/server.ts';
import { CoursewareSite } from './courseware-site.ts';
import { type HttpServer, startHttpServer } from './http-server.ts';

const LESSON = 'demo-packed';

describe('the pack of a lesson', function () {
  this.timeout(60_000);
  let server: HttpServer;
  let teacher: string;
  let room: string;

  before(async () => {
    server = await startHttpServer();
    [teacher, room] = await Promise.all([server.as(DEMO.teacher), server.as(DEMO.room)]);
    const startsAt = new Date(Date.now() + 3_600_000);
    await createLesson({
      ...{ id: LESSON, title: { 'zh-CN': '备课' }, course: 'demo-maths', lead: 'demo-dolma' },
      ...{ locals: [], classes: [], rooms: ['demo-room1'], startsAt },
      endsAt: new Date(startsAt.getTime() + 2_400_000),
    });
    const made = await new CoursewareSite(server, teacher, LESSON).bring('a.jpg', picture('mjpeg'));
    assert.equal(made.state, 'ready');
  });
  after(() => server.close());

  const path = `/api/v1/lessons/${LESSON}/pack`;

  it('lists each page’s file with its true size and hash, for who may attend', async () => {
    const { data } = await server.send(path, { cookie: room });
    const { files } = routes['pack.show'].output.parse(data);
    const pages = files.filter(({ kind }) => kind === 'page');
    assert.equal(pages.length, 1);
    for (const { url, sha256, bytes } of pages) {
      const content = Buffer.from(
        await (await fetch(`${server.url}${url}`, { headers: { cookie: room } })).arrayBuffer(),
      );
      assert.equal(content.length, bytes);
      assert.equal(createHash('sha256').update(content).digest('hex'), sha256);
    }
    const elsewhere = await server.send(path, { cookie: await server.as(DEMO.secondRoom) });
    assert.equal(elsewhere.status, 404);
  });

  it('is known to the teacher and the technician as far as the room has it', async () => {
    const share = { have: 40, of: 100 };
    const before = await server.send(`/api/v1/lessons/${LESSON}/packs`, { cookie: teacher });
    assert.deepEqual(
      routes['pack.rooms'].output.parse(before.data).rooms.map((one) => one.share),
      [null],
    );
    await server.send(path, { method: 'POST', cookie: room, body: share });
    const rooms = await server.send(`/api/v1/lessons/${LESSON}/packs`, { cookie: teacher });
    assert.deepEqual(
      routes['pack.rooms'].output.parse(rooms.data).rooms.map((one) => [one.room, one.share]),
      [['demo-room1', share]],
    );
    const asked = await server.send('/api/v1/rooms/demo-room1/packs', { cookie: await server.as('tech') });
    const { lessons } = routes['room.packs'].output.parse(asked.data);
    assert.deepEqual(lessons.find(({ lesson }) => lesson === LESSON)?.share, share);
    const refused = await server.send(`/api/v1/lessons/${LESSON}/packs`, { cookie: room });
    assert.equal(refused.status, 403);
  });
});
