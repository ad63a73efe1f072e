import assert from 'node:assert/strict';
import { request as rawRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import { routes } from '../../protocol/api.ts';
import { hashPassword } from '../../server/auth/password.ts';
import { DEMO_PASSWORD } from '../../server/demo/demo.ts';
import { createAccount } from '../../server/store/accounts.ts';
import { createSchool } from '../../server/store/schools.ts';
import { type HttpServer, startHttpServer } from './http-server.ts';

const TODAY = 'demo-today-1';

const table = Object.entries(routes).map(([name, { method, path, may, output }]) => ({
  name,
  method: method.toUpperCase(),
  path: `/api/v1${path}`,
  may,
  output,
}));

/** Routes about a replay, which today's lesson does not have yet, and how they may say so. */
const OF_A_REPLAY = /^(replay|edit|share|captions|archive)\./;
const NO_REPLAY: readonly unknown[] = ['replay_not_ready', 'not_found', 'forbidden'];

/** What routes are asked, where they are not asked by their path alone. */
const QUERIES: Readonly<Record<string, string>> = {
  'replay.files': '?playlist=voice-opus.m3u8',
  'courier.known': `?package=${'0'.repeat(64)}`,
};

describe('HTTP API', () => {
  let server: HttpServer;

  before(async () => {
    server = await startHttpServer();
    const name = { 'zh-CN': '别的学校' };
    const school = await createSchool({ name, region: name, kind: 'hub' });
    const password = await hashPassword(DEMO_PASSWORD);
    for (const role of ['teacher', 'student', 'room', 'observer', 'administrator'] as const) {
      await createAccount({ username: `other-${role}`, password, role, name, school });
    }
  });

  after(() => server.close());

  describe('who may', () => {
    for (const { name, method, path, may } of table.filter((route) => route.may !== 'anyone')) {
      it(`${name} refuses whoever is not signed in`, async () => {
        const reply = await server.send(path.replace(':lesson', TODAY), { method });
        assert.equal(reply.status, 401);
        assert.equal(reply.code, 'not_signed_in');
      });

      if (!path.includes(':lesson')) continue;
      for (const role of ['teacher', 'student', 'room', 'observer', 'administrator']) {
        it(`${name} (${may}) tells a ${role} of another school as much as of a lesson that is not`, async () => {
          const cookie = await server.as(`other-${role}`);
          const theirs = await server.send(path.replace(':lesson', TODAY), { method, cookie });
          const none = await server.send(path.replace(':lesson', 'demo-nothing'), { method, cookie });
          assert.equal(theirs.status, 404);
          assert.equal(theirs.code, 'not_found');
          assert.equal(theirs.text, none.text);
        });
      }
    }

    it('has a technician of the same school kept out of lessons', async () => {
      const cookie = await server.as('tech');
      const reply = await server.send(`/api/v1/lessons/${TODAY}`, { cookie });
      assert.equal(reply.code, 'not_found');
      const list = await server.send('/api/v1/lessons', { cookie });
      assert.deepEqual(routes['lesson.list'].output.parse(list.data).lessons, []);
    });

    for (const [username, part] of Object.entries({
      dolma: 'lead',
      tashi: 'local',
      room2: 'room',
      student5: 'student',
      observer: 'observer',
    })) {
      it(`shows ${username} today's lesson as its ${part}`, async () => {
        const cookie = await server.as(username);
        const list = await server.send('/api/v1/lessons', { cookie });
        const { lessons, now } = routes['lesson.list'].output.parse(list.data);
        const today = lessons.find((lesson) => lesson.id === TODAY);
        assert.equal(today?.part, part);
        assert.equal(today?.state, 'ready');
        assert.ok(today.startsAt <= now && now < today.endsAt, 'today is now');
        assert.deepEqual(
          lessons.map((lesson) => lesson.startsAt),
          lessons.map((lesson) => lesson.startsAt).toSorted((a, b) => a - b),
        );
      });
    }
  });

  describe('answers', () => {
    it('hold what their schema names and nothing else', async () => {
      const people = { teacher: await server.as('dolma'), admin: await server.as('admin') };
      for (const { name, path, may, output } of table.filter((route) => route.method === 'GET')) {
        if (path.includes(':device')) continue; // there is none yet: see devices.test.ts
        const cookie = /^(lesson\.|replay\.answer|signed_in|anyone)/.test(may)
          ? people.teacher
          : people.admin;
        const values = { lesson: TODAY, room: 'demo-room1', school: 'demo-hub' };
        const filled = Object.entries(values).reduce((so, [key, id]) => so.replace(`:${key}`, id), path);
        const reply = await server.send(`${filled}${QUERIES[name] ?? ''}`, { cookie });
        if (OF_A_REPLAY.test(name) && reply.status !== 200) {
          assert.ok(NO_REPLAY.includes(reply.code), `${name}: ${reply.code}`);
          continue;
        }
        assert.equal(reply.status, 200, name);
        assert.deepEqual(output.parse(reply.data), reply.data, name);
      }
    });

    it('are not sent again while they are the same', async () => {
      const first = await server.send('/api/v1/session');
      const etag = first.headers.get('etag') ?? '';
      // Not with fetch, which asks for a whole answer whenever it is given a condition.
      const second = await getRaw(server.url, '/api/v1/session', {
        'if-none-match': etag,
        'accept-encoding': 'gzip', // each coding is a text of its own
      });
      assert.deepEqual(second, { status: 304, body: '' });
      assert.match(first.headers.get('cache-control') ?? '', /private, no-cache/);
    });

    it('are compressed when they are long', async () => {
      const cookie = await server.as('dolma');
      const reply = await server.send('/api/v1/lessons', { cookie, headers: { 'accept-encoding': 'gzip' } });
      assert.equal(reply.headers.get('content-encoding'), 'gzip');
      assert.equal(reply.status, 200);
    });
  });

  describe('bad input', () => {
    const cases: [string, string, unknown, number, string][] = [
      ['text that is not JSON', '/api/v1/session', '{"username', 400, 'bad_request'],
      ['a missing field', '/api/v1/session', { username: 'dolma' }, 400, 'bad_request'],
      [
        'an operator for a text',
        '/api/v1/session',
        { username: { $gt: '' }, password: 'x' },
        400,
        'bad_request',
      ],
      ['a list', '/api/v1/session', [], 400, 'bad_request'],
      ['too much', '/api/v1/session', { username: 'a'.repeat(110_000), password: 'x' }, 413, 'too_large'],
      ['a route that is not', '/api/v1/nothing', {}, 404, 'unknown_request'],
      ['another version', '/api/v9/session', {}, 404, 'unknown_request'],
    ];
    for (const [what, path, body, status, code] of cases) {
      it(`refuses ${what}`, async () => {
        const reply = await server.send(path, { method: 'POST', body });
        assert.equal(reply.status, status);
        assert.equal(reply.code, code);
        assert.match(reply.headers.get('content-type') ?? '', /json/);
      });
    }

    it('takes __proto__ for a field like any other', async () => {
      const body = '{"username":"dolma","password":"x","__proto__":{"account":"demo-admin"}}';
      const reply = await server.send('/api/v1/session', { method: 'POST', body });
      assert.equal(reply.code, 'wrong_password');
      assert.equal(Reflect.get({}, 'account'), undefined);
    });

    it('does not repeat a password that does not fit', async () => {
      const body = { username: 'dolma', password: 'secret'.repeat(100) };
      const reply = await server.send('/api/v1/session', { method: 'POST', body });
      assert.equal(reply.code, 'bad_request');
      assert.doesNotMatch(reply.text, /secret/);
    });

    for (const id of ['__proto__', 'constructor', '%00', '..', '$where', 'a'.repeat(5000)]) {
      it(`knows no lesson ${id.slice(0, 20)}`, async () => {
        const cookie = await server.as('dolma');
        const reply = await server.send(`/api/v1/lessons/${encodeURIComponent(id)}`, { cookie });
        assert.equal(reply.status, 404);
      });
    }
  });

  describe('files of replays', () => {
    it('are refused to whoever is not signed in', async () => {
      const reply = await server.send('/replays/demo-finished/voice.m3u8');
      assert.equal(reply.code, 'not_signed_in');
    });

    it('are not found by another school', async () => {
      const reply = await server.send('/replays/demo-finished/voice.m3u8', {
        cookie: await server.as('other-teacher'),
      });
      assert.equal(reply.code, 'not_found');
    });

    // As they are: fetch would tidy the dots away before sending.
    for (const path of [
      '/replays/demo-finished/../../../../etc/passwd',
      '/replays/demo-finished/..%2f..%2f..%2f..%2fetc%2fpasswd',
      '/replays/demo-finished/..%2f..%2fkeys%2fsession-secret.mp4',
      '/replays/demo-finished/%2fetc%2fpasswd.ts',
      '/replays/demo-finished/a%00.m3u8',
      '/replays/..%2fkeys/session-secret.m3u8',
      '/assets/..%2f..%2f..%2fpackage.json',
      '/..%2f..%2fpackage.json',
      '/%2e%2e/%2e%2e/package.json',
    ]) {
      it(`stay in their folder: ${path}`, async () => {
        const { status, body } = await getRaw(server.url, path, { cookie: await server.as('dolma') });
        assert.ok([400, 403, 404].includes(status), `${status}`);
        assert.doesNotMatch(body, /root:|"dependencies"/);
      });
    }
  });

  describe('headers', () => {
    it('allow scripts of this server only', async () => {
      for (const path of ['/', '/trust', '/api/v1/session']) {
        const csp = (await server.send(path)).headers.get('content-security-policy') ?? '';
        assert.match(csp, /default-src 'self'/, path);
        assert.match(csp, /script-src 'self'(;|$)/, path);
        assert.match(csp, /object-src 'none'/, path);
        assert.match(csp, /frame-ancestors 'none'/, path);
        assert.match(csp, /connect-src 'self' ws:\/\/127\.0\.0\.1:\d+(;|$)/, path);
      }
    });

    it('give camera and microphone to our own pages, and never speak of HSTS on plain HTTP', async () => {
      const { headers } = await server.send('/');
      assert.match(headers.get('permissions-policy') ?? '', /camera=\(self\), microphone=\(self\)/);
      assert.equal(headers.get('x-content-type-options'), 'nosniff');
      assert.equal(headers.get('strict-transport-security'), null);
      assert.equal(headers.get('x-powered-by'), null);
    });
  });

  it('says how to trust it, and gives what to trust', async () => {
    const page = await server.send('/trust?lang=en');
    assert.equal(page.status, 200);
    assert.match(page.text, /<svg/);
    const hostile = await getRaw(server.url, '/trust?lang=%22%3E%3Cscript%3E');
    assert.doesNotMatch(hostile.body, /<script/);
    const certificate = await server.send('/trust/ca.crt');
    assert.equal(certificate.headers.get('content-type'), 'application/x-x509-ca-cert');
    assert.equal((await server.send('/trust/tibetan.woff2')).headers.get('content-type'), 'font/woff2');
  });

  it('is ready while lessons can be taught, and says why when not', async () => {
    assert.equal((await server.send('/healthz')).status, 200);
    assert.equal((await server.send('/readyz')).status, 200);
    await server.media.close();
    const reply = await server.send('/readyz');
    assert.equal(reply.status, 503);
    assert.deepEqual(JSON.parse(reply.text), { ok: false, reasons: ['media_unavailable'], warnings: [] });
    assert.equal((await server.send('/healthz')).status, 200);
  });
});

/** Sends a path exactly as it is written. */
async function getRaw(
  url: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: string }> {
  const { hostname, port } = new URL(url);
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>();
  rawRequest({ hostname, port, path, headers }, (response) => {
    text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
  })
    .on('error', reject)
    .end();
  return promise;
}
