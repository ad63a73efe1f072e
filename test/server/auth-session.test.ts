import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpsRequest } from 'node:https';
import { routes } from '../../protocol/api.ts';
import { DEMO_PASSWORD } from '../../server/demo/demo.ts';
import { signIn, TestClient } from '../support/client.ts';
import { freshDatabaseUri } from '../support/database.ts';
import { type HttpServer, startHttpServer } from './http-server.ts';

const SECRET = 'a secret that is long enough for a test';

describe('sessions', () => {
  let server: HttpServer;

  before(async () => {
    server = await startHttpServer();
  });

  after(() => server.close());

  const whoami = async (cookie: string) => {
    const { data } = await server.send('/api/v1/session', { cookie });
    return routes['session.show'].output.parse(data).account?.id ?? null;
  };

  it('begin with the right password, however the name was typed', async () => {
    const cookie = await signIn(server.url, ' ＤＯＬＭＡ ', DEMO_PASSWORD);
    assert.equal(await whoami(cookie), 'demo-dolma');
  });

  it('do not begin with a wrong password, or a name that does not exist: the same answer', async () => {
    const reply = (username: string) =>
      server.send('/api/v1/session', { method: 'POST', body: { username, password: 'wrong' } });
    const [wrong, unknown] = await Promise.all([reply('dolma'), reply('nobody')]);
    assert.equal(wrong.status, 401);
    assert.equal(wrong.code, 'wrong_password');
    assert.equal(wrong.text, unknown.text);
    assert.equal(wrong.headers.get('set-cookie'), null);
  });

  it('are refused after ten wrong passwords, the right one included, with a time to come back', async () => {
    const attempt = (password: string) =>
      server.send('/api/v1/session', { method: 'POST', body: { username: 'tech', password } });
    const attempts = await Promise.all(Array.from({ length: 14 }, () => attempt('wrong')));
    assert.equal(attempts.filter((reply) => reply.code === 'wrong_password').length, 10);
    assert.equal(attempts.filter((reply) => reply.code === 'too_many_requests').length, 4);
    const right = await attempt(DEMO_PASSWORD);
    assert.equal(right.status, 429);
    assert.match(right.headers.get('retry-after') ?? '', /^\d+$/);
    assert.ok(await server.as('student1'), 'others come in');
  });

  it('live in a cookie that scripts cannot read', async () => {
    const body = { username: 'dolma', password: DEMO_PASSWORD };
    const reply = await server.send('/api/v1/session', { method: 'POST', body });
    const cookie = reply.headers.get('set-cookie') ?? '';
    assert.match(cookie, /^tongke=s%3A[\w-]{32}\./);
    assert.match(cookie, /; HttpOnly/);
    assert.match(cookie, /; SameSite=Lax/);
    assert.match(cookie, /; Path=\//);
    assert.doesNotMatch(cookie, /; (Secure|Domain)/);
  });

  it('are bound to the host and to encryption over HTTPS', async () => {
    const cookie = await signInOverHttps(server.httpsUrl);
    assert.match(cookie, /^__Host-tongke=s%3A/);
    assert.match(cookie, /; Secure/);
    assert.match(cookie, /; HttpOnly/);
    assert.equal(
      await whoami(`tongke=${cookie.split('=')[1]?.split(';')[0]}`),
      'demo-dolma',
      'the same store',
    );
    assert.equal(await whoami(cookie.split(';')[0] ?? ''), null, 'but not by that name without encryption');
  });

  it('get a new id at sign-in: a planted one stays worthless', async () => {
    const planted = await server.as('student1');
    const reply = await server.send('/api/v1/session', {
      method: 'POST',
      cookie: planted,
      body: { username: 'dolma', password: DEMO_PASSWORD },
    });
    const cookie = reply.headers.get('set-cookie')?.split(';')[0] ?? '';
    assert.notEqual(cookie, planted);
    assert.equal(await whoami(cookie), 'demo-dolma');
    assert.equal(await whoami(planted), null);
  });

  it('do not begin from another site, nor end', async () => {
    const cookie = await server.as('dolma');
    const body = { username: 'dolma', password: DEMO_PASSWORD };
    for (const origin of [
      'https://evil.example',
      'null',
      `${server.url}.evil.example`,
      'http://127.0.0.1:1',
    ]) {
      for (const method of ['POST', 'DELETE']) {
        const sent = method === 'POST' ? { body } : {};
        const reply = await server.send('/api/v1/session', { method, cookie, headers: { origin }, ...sent });
        assert.equal(reply.code, 'forbidden', `${method} from ${origin}`);
      }
      const socket = await server.send('/socket.io/?EIO=4&transport=polling', {
        cookie,
        headers: { origin },
      });
      assert.equal(socket.status, 403, `a socket from ${origin}`);
    }
    assert.equal(await whoami(cookie), 'demo-dolma');
  });

  it('end with sign-out, and every socket with them', async () => {
    const cookie = await server.as('student2');
    const other = await server.as('student2');
    const client = await TestClient.connect(server.url, cookie);
    const elsewhere = await TestClient.connect(server.url, other);
    const ended = Promise.all([once(client, 'notice'), once(client, 'disconnect')]);
    assert.equal((await server.send('/api/v1/session', { method: 'DELETE', cookie })).status, 200);
    const [[notice]] = await ended;
    assert.deepEqual(notice, { type: 'signed_out' });
    assert.equal(await whoami(cookie), null);
    await assert.rejects(TestClient.connect(server.url, cookie), { code: 'not_signed_in' });
    assert.ok(elsewhere.socket.connected, 'another session goes on');
    elsewhere.close();
  });

  it('cannot be made up', async () => {
    const cookie = await server.as('dolma');
    for (const forged of [
      cookie.replace(/\.[^.]*$/, '.AAAA'),
      cookie.replace(/s%3A./, 's%3Ax'),
      'tongke=s%3A.%2F',
      'tongke=j%3A%7B%22account%22%3A%22demo-admin%22%7D',
      'tongke=demo-admin',
      '',
    ]) {
      assert.equal(await whoami(forged), null, forged);
      await assert.rejects(TestClient.connect(server.url, forged), { code: 'not_signed_in' }, forged);
    }
  });
});

describe('sessions and the server', () => {
  it('outlive a restart', async () => {
    const env = { MONGODB_URI: await freshDatabaseUri(), SESSION_SECRET: SECRET };
    const before = await startHttpServer(env);
    const cookie = await before.as('dolma');
    await before.close();
    const server = await startHttpServer(env);
    try {
      const { data } = await server.send('/api/v1/session', { cookie });
      assert.equal(routes['session.show'].output.parse(data).account?.id, 'demo-dolma');
      const client = await TestClient.connect(server.url, cookie);
      client.close();
    } finally {
      await server.close();
    }
  });

  it('are worth nothing for the demo’s people once the demo is off', async () => {
    const env = { MONGODB_URI: await freshDatabaseUri(), SESSION_SECRET: SECRET };
    const before = await startHttpServer(env);
    const cookie = await before.as('admin');
    await before.close();
    const server = await startHttpServer({ ...env, DEMO: 'off' });
    try {
      const { data } = await server.send('/api/v1/session', { cookie });
      assert.deepEqual(routes['session.show'].output.parse(data), { account: null, setup: true, demo: null });
      await assert.rejects(server.as('admin'), { code: 'wrong_password' });
      await assert.rejects(TestClient.connect(server.url, cookie), { code: 'not_signed_in' });
    } finally {
      await server.close();
    }
  });
});

describe('the first administrator', () => {
  let server: HttpServer;
  const input = { school: '格桑县中心小学', name: '德吉', username: 'deki', password: 'a long password' };
  const create = (code: string) => server.send('/api/v1/setup', { method: 'POST', body: { ...input, code } });

  before(async () => {
    server = await startHttpServer({ DEMO: 'off' });
  });

  after(() => server.close());

  it('is made by whoever has the code from the server’s log, once', async () => {
    const code = /enter this code: (\w+)/.exec(server.banner)?.[1] ?? '';
    assert.equal((await create('WRONG')).code, 'wrong_password');
    const short = { ...input, code, password: 'short' };
    assert.equal((await server.send('/api/v1/setup', { method: 'POST', body: short })).code, 'bad_request');
    const both = await Promise.all([create(code.toLowerCase()), create(code)]);
    assert.deepEqual(both.map((reply) => reply.code ?? 'ok').sort(), ['forbidden', 'ok']);
    const cookie =
      both
        .find((reply) => reply.status === 200)
        ?.headers.get('set-cookie')
        ?.split(';')[0] ?? '';
    const { data } = await server.send('/api/v1/session', { cookie });
    const { account, setup } = routes['session.show'].output.parse(data);
    assert.equal(account?.role, 'administrator');
    assert.equal(setup, false);
    assert.equal((await create(code)).code, 'forbidden');
    assert.ok(await signIn(server.url, 'deki', 'a long password'));
  });
});

/** The Set-Cookie header; the certificate is the business of other tests. */
function signInOverHttps(url: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const headers = { 'content-type': 'application/json', origin: url };
  httpsRequest(
    `${url}/api/v1/session`,
    { method: 'POST', headers, rejectUnauthorized: false },
    (response) => {
      response.resume();
      resolve(response.headers['set-cookie']?.[0] ?? `none (${response.statusCode})`);
    },
  )
    .on('error', reject)
    .end(JSON.stringify({ username: 'dolma', password: DEMO_PASSWORD }));
  return promise;
}
