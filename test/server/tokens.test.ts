import assert from 'node:assert/strict';
import type { RouteOutput } from '../../protocol/api.ts';
import { routes } from '../../protocol/api.ts';
import type { TokenScope } from '../../protocol/tokens.ts';
import { readAudit } from '../../server/store/audit.ts';
import { database } from '../../server/store/database.ts';
import { eventually } from '../support/eventually.ts';
import { type HttpServer, startHttpServer } from './http-server.ts';

const ROOM = 'demo-room1';

describe('tokens for programs', () => {
  let server: HttpServer;
  let technician: string;

  before(async () => {
    server = await startHttpServer();
    technician = await server.as('tech');
  });

  after(() => server.close());

  async function make(scopes: TokenScope[], cookie = technician, days = 30) {
    const reply = await server.send('/api/v1/tokens', {
      ...{ method: 'POST', cookie, body: { name: '监控', scopes, days } },
    });
    assert.equal(reply.status, 200, reply.text);
    return reply.data as RouteOutput<'token.create'>;
  }
  const ask = (path: string, secret: string, body?: object) =>
    server.send(`/api/v1${path}`, {
      method: body ? 'POST' : 'GET',
      headers: { authorization: `Bearer ${secret}` },
      body,
    });

  it('ask in the name of the person who made them, and only what their scopes say', async () => {
    const { secret } = await make(['rooms.read']);
    assert.equal((await ask('/rooms', secret)).status, 200);
    assert.equal((await ask(`/rooms/${ROOM}`, secret)).status, 200);
    assert.equal((await ask('/rooms.csv', secret)).status, 200);
    const refused = [
      await ask(`/rooms/${ROOM}`, secret, { notes: 'x' }),
      await ask('/fleet/commands', secret, { rooms: [ROOM], kind: 'reload' }),
      await ask('/devices', secret, { code: '12345678', room: { id: ROOM } }),
      await ask('/lessons', secret),
      await ask('/tokens', secret),
      await ask('/tokens', secret, { name: 'more', scopes: ['rooms.manage'], days: 1 }),
      await ask('/alert-settings', secret),
    ];
    assert.deepEqual(
      refused.map(({ code }) => code),
      [...['room_not_found', 'forbidden', 'forbidden', 'forbidden', 'forbidden', 'forbidden', 'forbidden']],
    );
    const { secret: strong } = await make(['rooms.manage']);
    assert.equal((await ask(`/rooms/${ROOM}`, strong, { notes: '钥匙' })).status, 200);
    await eventually(async () => {
      const entries = await readAudit({ action: 'token.create', outcome: 'forbidden' }, 1);
      return entries.length === 1;
    }, 'a token that would make tokens is in the audit');
  });

  it('are no more than their person: a teacher gets no rooms by a scope', async () => {
    const { secret } = await make(['rooms.manage', 'lessons.read'], await server.as('dolma'));
    assert.equal((await ask('/rooms', secret)).code, 'forbidden');
    assert.equal((await ask('/lessons', secret)).status, 200);
  });

  it('are listed without their secret, which the server does not keep', async () => {
    const { secret, token } = await make(['rooms.read']);
    await ask('/rooms', secret);
    const list = await server.send('/api/v1/tokens', { cookie: technician });
    assert.ok(!list.text.includes(secret));
    const shown = (list.data as RouteOutput<'token.list'>).tokens.find(({ id }) => id === token.id);
    assert.ok(shown?.lastUsedAt, 'used just now');
    assert.ok(secret.startsWith(shown.begins));
    const rows = await database().collection('tokens').find().toArray();
    assert.ok(!JSON.stringify(rows).includes(secret));
  });

  it('are worth nothing once revoked, by their own person alone, or when their time is over', async () => {
    const { secret, token } = await make(['rooms.read']);
    const stranger = await server.as('dolma');
    const remove = (cookie: string) =>
      server.send(`/api/v1/tokens/${token.id}`, {
        method: 'DELETE',
        cookie,
        headers: { origin: server.url },
      });
    assert.equal((await remove(stranger)).code, 'not_found');
    assert.equal((await ask('/rooms', secret)).status, 200);
    assert.equal((await remove(technician)).status, 200);
    assert.equal((await ask('/rooms', secret)).code, 'not_signed_in');
    const { secret: old, token: over } = await make(['rooms.read']);
    await database()
      .collection<{ _id: string }>('tokens')
      .updateOne({ _id: over.id }, { $set: { expiresAt: new Date(Date.now() - 1) } });
    assert.equal((await ask('/rooms', old)).code, 'not_signed_in');
  });

  it('count alone: a wrong one beside a good cookie is nobody', async () => {
    const reply = await server.send('/api/v1/rooms', {
      cookie: technician,
      headers: { authorization: 'Bearer tongke_wrong' },
    });
    assert.equal(reply.code, 'not_signed_in');
  });

  it("are people's: a classroom's screen has none, and nobody has too many", async () => {
    const room = await server.send('/api/v1/tokens', { cookie: await server.as('room1') });
    assert.equal(room.code, 'forbidden');
    const teacher = await server.as('tashi');
    for (let i = 0; i < 20; i++) await make(['lessons.read'], teacher);
    const body = { name: 'one more', scopes: ['lessons.read'], days: 1 };
    const reply = await server.send('/api/v1/tokens', { method: 'POST', cookie: teacher, body });
    assert.equal(reply.code, 'too_many_requests');
  });
});

describe('the description for programs', () => {
  let server: HttpServer;
  before(async () => {
    server = await startHttpServer();
  });
  after(() => server.close());

  it('has every route, with its parameters, its input and its scopes', async () => {
    const reply = await server.send('/api/v1/openapi.json');
    const document = JSON.parse(reply.text) as {
      openapi: string;
      paths: Record<string, Record<string, { operationId: string; parameters?: { name: string }[] }>>;
    };
    assert.equal(document.openapi, '3.1.0');
    const described = Object.values(document.paths).flatMap((path) =>
      Object.values(path).map(({ operationId }) => operationId),
    );
    assert.deepEqual(described.sort(), Object.keys(routes).sort());
    const list = document.paths['/rooms']?.get;
    assert.ok(list?.parameters?.some(({ name }) => name === 'search'));
    const command = document.paths['/rooms/{room}/devices/{device}/commands']?.post;
    assert.deepEqual(
      command?.parameters?.map(({ name }) => name),
      ['room', 'device'],
    );
    assert.ok(JSON.stringify(command).includes('rooms.manage'));
  });

  it('has a page of its own, from this server alone', async () => {
    const page = await server.send('/api/docs');
    assert.equal(page.status, 200);
    assert.match(page.headers.get('content-type') ?? '', /^text\/html/);
    assert.ok(!/https?:\/\//.test(page.text));
    for (const file of ['swagger-ui-bundle.js', 'swagger-ui.css', 'start.js']) {
      assert.equal((await server.send(`/api/docs/${file}`)).status, 200, file);
    }
    assert.equal((await server.send('/api/docs/package.json')).status, 404);
  });
});
