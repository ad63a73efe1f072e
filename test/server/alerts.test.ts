import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type AlertSettings, quietFor, WebhookBody } from '../../protocol/alerts.ts';
import type { RouteOutput } from '../../protocol/api.ts';
import type { DeviceEvent } from '../../protocol/devices.ts';
import { AddressRefused, networks, publicAddress } from '../../server/alerts/addresses.ts';
import { see, UNSEEN } from '../../server/alerts/watch.ts';
import { hashPassword } from '../../server/auth/password.ts';
import { DEMO_PASSWORD } from '../../server/demo/demo.ts';
import { createAccount } from '../../server/store/accounts.ts';
import { SeriesWriter } from '../../server/store/device-series.ts';
import { recordArrival } from '../../server/store/devices.ts';
import { createSchool } from '../../server/store/schools.ts';
import { get, signIn } from '../support/client.ts';
import { enrol, post, TestDevice } from '../support/device.ts';
import { type MailServer, startMailServer } from '../support/mail-server.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const ROOM = 'demo-room1';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('alerts: what counts', () => {
  const rule = { afterMs: 3 * MINUTE, clearMs: 2 * MINUTE };
  /** The changes that a condition makes, looked at once a minute. */
  const changes = (conditions: readonly boolean[]) => {
    let watched = UNSEEN;
    return conditions.flatMap((holds, i) => {
      const seen = see(watched, holds, rule, i * MINUTE);
      watched = seen.watched;
      return seen.change ? [`${seen.change.to} at ${i}, since ${seen.change.since / MINUTE}`] : [];
    });
  };
  const [so, well] = [true, false];

  it('is what lasted, told once, and over once it has been over for a while', () => {
    assert.deepEqual(changes([so, so, so, so, so, so, well, well, well, well]), [
      'opened at 3, since 0',
      'cleared at 8, since 6',
    ]);
  });

  it('is not what flickers', () => {
    assert.deepEqual(changes([so, so, well, so, so, well, so, so, well]), []);
    assert.deepEqual(changes([so, so, so, so, well, so, well, so, well, so]), ['opened at 3, since 0']);
  });

  it('waits for the end of the quiet hours, over midnight too', () => {
    const night = { from: 22 * 60, until: 7 * 60 };
    assert.deepEqual(
      [21 * 60 + 59, 22 * 60, 0, 6 * 60 + 59, 7 * 60].map((minute) => quietFor(night, minute)),
      [0, 540, 420, 1, 0],
    );
    assert.equal(quietFor({ from: 600, until: 600 }, 600), 0, 'an empty stretch is none');
  });
});

describe('alerts: where a webhook may go', () => {
  const none = networks([]);
  for (const host of [
    ...['127.0.0.1', '10.0.0.8', '172.20.1.1', '192.168.1.1', '169.254.169.254', '100.64.0.1', '0.0.0.0'],
    ...[
      '[::1]',
      '[::ffff:127.0.0.1]',
      '[::ffff:a00:1]',
      '[fe80::1]',
      '[fd00::1]',
      '[64:ff9b::7f00:1]',
      'localhost',
    ],
  ]) {
    it(`not to ${host}`, async () => {
      await assert.rejects(publicAddress(host, none), AddressRefused);
    });
  }

  it('to public addresses, and to networks that the operator allows', async () => {
    assert.equal(await publicAddress('[2400:3200::1]', none), '2400:3200::1');
    assert.equal(await publicAddress('223.5.5.5', none), '223.5.5.5');
    assert.equal(await publicAddress('10.1.2.3', networks(['10.1.0.0/16'])), '10.1.2.3');
    await assert.rejects(publicAddress('10.2.2.3', networks(['10.1.0.0/16'])), AddressRefused);
  });

  it('not by a number that only looks like a name', async () => {
    for (const url of ['http://2130706433/', 'http://0x7f.1/', 'http://127.1/']) {
      await assert.rejects(publicAddress(new URL(url).hostname, none), AddressRefused, url);
    }
  });
});

describe('alerts', () => {
  let server: TestServer;
  let mail: MailServer;
  let hook: Server;
  const posted: { signature: string; body: string }[] = [];
  let hookStatus = 204;
  let technician: string;
  let device: TestDevice;
  let deviceId: string;
  let now = Date.now();

  before(async () => {
    mail = await startMailServer();
    hook = createServer(
      (request, response) =>
        void receive(request).then(() => {
          response.writeHead(hookStatus, hookStatus === 302 ? { location: 'http://127.0.0.1:1/' } : {}).end();
        }),
    );
    hook.listen(0, '127.0.0.1');
    await once(hook, 'listening');
    server = await startTestServer({
      ...{ SMTP_HOST: '127.0.0.1', SMTP_PORT: String(mail.port), SMTP_SECURITY: 'none' },
      ...{ SMTP_FROM: 'Tongke <tongke@example.cn>', WEBHOOK_NETWORKS: '127.0.0.1/32' },
      PUBLIC_URL: 'https://tongke.example.cn',
    });
    server.devices.alerts.rest();
    technician = await signIn(server.url, 'tech', DEMO_PASSWORD);
    device = await TestDevice.create(server.url);
    const { code } = await device.pair();
    deviceId = (await enrol(server.url, technician, { code, room: { id: ROOM } })).device;
    await device.signIn();
    await device.connect('p1');
    await device.ask('device.report', { camera: 'ok', microphone: 'ok', roundTripMs: 80 });
  });

  after(async () => {
    device.close();
    await server.close();
    mail.close();
    hook.close();
  });

  async function receive(
    request: AsyncIterable<Buffer> & { headers: Record<string, unknown> },
  ): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    posted.push({
      signature: String(request.headers['tongke-signature']),
      body: Buffer.concat(parts).toString(),
    });
  }

  const list = (cookie = technician) => get<RouteOutput<'alert.list'>>(server.url, '/alerts', cookie);
  const ours = async () => (await list()).open.filter(({ room }) => room.id === ROOM);
  const configure = (settings: Partial<AlertSettings>, cookie = technician) =>
    post(
      ...([
        server.url,
        '/alert-settings',
        { mail: [], webhook: null, quiet: null, least: 'amber', ...settings },
      ] as const),
      cookie,
    );
  const settings = () => get<RouteOutput<'alert.settings'>>(server.url, '/alert-settings', technician);
  const hookUrl = () => `http://127.0.0.1:${(hook.address() as AddressInfo).port}/alerts`;
  /** So many minutes later, looking once a minute. */
  async function pass(minutes: number): Promise<void> {
    for (let i = 0; i <= minutes; i++) {
      await server.devices.alerts.look(now + i * MINUTE);
    }
    now += minutes * MINUTE;
    await server.devices.delivery.flush();
  }
  const camera = (state: 'ok' | 'missing') => device.ask('device.report', { camera: state, roundTripMs: 80 });

  it('begin once a fault has lasted, and say it by e-mail and by signed webhook', async () => {
    await configure({ mail: ['tech@example.cn'], webhook: hookUrl() });
    await camera('missing');
    await pass(1);
    assert.deepEqual(await ours(), [], 'a camera that was just pulled out');
    await pass(2);
    const [alert] = await ours();
    assert.equal(alert?.kind, 'input_trouble');
    assert.equal(alert?.acknowledged, null);

    const letter = await mail.next();
    assert.match(letter, /^To: tech@example\.cn$/m);
    assert.match(letter, /^From: Tongke <tongke@example\.cn>$/m);
    const [sent] = posted;
    const [, at, hmac] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(sent?.signature ?? '') ?? [];
    const { secret } = await settings();
    assert.ok(secret);
    assert.equal(hmac, createHmac('sha256', secret).update(`${at}.${sent?.body}`).digest('hex'));
    const { alerts } = WebhookBody.parse(JSON.parse(sent?.body ?? ''));
    const told = alerts.find((one) => one.alert.id === alert?.id);
    assert.equal(told?.change, 'opened');
    assert.equal(told?.url, `https://tongke.example.cn/devices/${ROOM}`);
  });

  it('are said to be over to whoever heard that they began, and are not repeated meanwhile', async () => {
    const before = posted.length;
    await pass(5);
    assert.equal(posted.length, before);
    await camera('ok');
    await pass(1);
    assert.deepEqual(await ours(), []);
    assert.equal((await list()).past[0]?.kind, 'input_trouble');
    const { alerts } = WebhookBody.parse(JSON.parse(posted.at(-1)?.body ?? ''));
    assert.deepEqual(
      alerts.map(({ change }) => change),
      ['cleared'],
    );
    assert.match(await mail.next(), /^Subject: /m);
  });

  it('are tried again where they could not be sent, and follow no redirect', async () => {
    await configure({ webhook: hookUrl() });
    hookStatus = 302;
    const before = posted.length;
    await camera('missing');
    await pass(3);
    assert.equal(posted.length, before + 1);
    await server.devices.delivery.flush();
    assert.equal(posted.length, before + 1, 'not at once');
    hookStatus = 204;
    await server.devices.delivery.flush(new Date(Date.now() + 2 * MINUTE));
    assert.equal(posted.length, before + 2);
    await server.devices.delivery.flush(new Date(Date.now() + 60 * MINUTE));
    assert.equal(posted.length, before + 2, 'and not once more');
    await camera('ok');
    await pass(2);
  });

  it('that came and went in quiet hours are told to nobody; those that stayed are told afterwards', async () => {
    const nowMinute = new Date().getHours() * 60 + new Date().getMinutes();
    const quiet = { from: (nowMinute + 1435) % 1440, until: (nowMinute + 30) % 1440 };
    await configure({ webhook: hookUrl(), quiet });
    const before = posted.length;
    await camera('missing');
    await pass(3);
    await camera('ok');
    await pass(2);
    await server.devices.delivery.flush(new Date(Date.now() + 40 * MINUTE));
    assert.equal(posted.length, before, 'came and went');
    await camera('missing');
    await pass(3);
    assert.equal(posted.length, before, 'quiet');
    assert.equal((await ours()).length, 1, 'in the pages it is there');
    await server.devices.delivery.flush(new Date(Date.now() + 40 * MINUTE));
    assert.equal(posted.length, before + 1, 'told when the quiet hours are over');
  });

  it('that someone sees to are told to nobody else', async () => {
    const other = await technicianOf('demo-lotus', 'second');
    await configure({ webhook: hookUrl() }, other);
    await camera('ok');
    await pass(2);
    hookStatus = 500;
    await camera('missing');
    await pass(3);
    const [alert] = await ours();
    assert.ok(alert);
    await post(server.url, `/rooms/${ROOM}/alerts/${alert.id}`, {}, technician);
    const [seen] = await ours();
    assert.equal(seen?.acknowledged?.by['zh-CN'], '洛桑');
    hookStatus = 204;
    const before = posted.length;
    await server.devices.delivery.flush(new Date(Date.now() + 10 * MINUTE));
    assert.equal(posted.length, before);
    await post(server.url, `/rooms/${ROOM}/alerts/${alert.id}`, {}, other);
    assert.equal((await ours())[0]?.acknowledged?.by['zh-CN'], '洛桑', 'the first to say so');
  });

  it('are of the schools one serves, and of nobody else', async () => {
    const name = { 'zh-CN': '远方小学' };
    const far = await technicianOf(await createSchool({ name, region: name, kind: 'hub' }), 'far-alerts');
    const { open, past } = await list(far);
    assert.deepEqual([open, past], [[], []]);
    const [alert] = await ours();
    await assert.rejects(post(server.url, `/rooms/${ROOM}/alerts/${alert?.id}`, {}, far), {
      code: 'room_not_found',
    });
    await assert.rejects(post(server.url, `/rooms/demo-room2/alerts/${alert?.id}`, {}, technician), {
      code: 'not_found',
    });
    const teacher = await signIn(server.url, 'dolma', DEMO_PASSWORD);
    await assert.rejects(list(teacher), { code: 'forbidden' });
  });

  it('are tried out by a word to oneself', async () => {
    await configure({ mail: ['tech@example.cn'], webhook: 'http://10.9.8.7/' });
    const outcome = await post(server.url, '/alert-settings/test', {}, technician);
    assert.deepEqual(outcome, { mail: 'sent', webhook: 'failed' }, 'a private address is refused');
    await mail.next();
    mail.busy = true;
    assert.deepEqual(await post(server.url, '/alert-settings/test', {}, technician), {
      mail: 'failed',
      webhook: 'failed',
    });
    mail.busy = false;
    await assert.rejects(configure({ webhook: 'file:///etc/passwd' }), { code: 'bad_request' });
    await assert.rejects(configure({ mail: ['a@b.cn\r\nBcc: c@d.cn'] }), { code: 'bad_request' });
  });

  it('that were open stay open over a restart', async () => {
    const [alert] = await ours();
    await server.devices.alerts.start();
    server.devices.alerts.rest();
    await pass(1);
    assert.equal((await ours())[0]?.id, alert?.id);
  });

  const kinds = async () => (await ours()).map(({ kind }) => kind);

  it('say that a microphone brought no voice all week, until it brings one', async () => {
    const series = new SeriesWriter();
    const minutes = (daysAgo: number, count: number, levelIn: number) =>
      Array.from({ length: count }, (_, i) => ({
        ...{ device: deviceId, at: now - daysAgo * DAY + i * MINUTE, measures: { levelIn } },
      }));
    await series.add(minutes(5, 12, -100));
    now += HOUR;
    await pass(0);
    assert.ok(!(await kinds()).includes('microphone_quiet'), 'of one day nothing follows');
    await series.add(minutes(2, 12, -48));
    now += HOUR;
    await pass(0);
    assert.ok((await kinds()).includes('microphone_quiet'));
    await series.add(minutes(0, 1, -24));
    now += HOUR;
    await pass(0);
    assert.ok(!(await kinds()).includes('microphone_quiet'), 'somebody was heard');
  });

  it('say that a link breaks off again and again', async () => {
    const arrive = (event: DeviceEvent) =>
      recordArrival(deviceId, {
        ...{ page: 'p1', facts: { version: '1', agent: 'test' }, upSince: new Date(), event },
      });
    for (let i = 1; i <= 5; i++) {
      server.devices.directory.changed();
      await pass(0);
      assert.ok(!(await kinds()).includes('link_cuts'), `after ${i - 1}`);
      await arrive({ at: now, kind: 'link_cut', awayMs: 120_000 });
    }
    server.devices.directory.changed();
    await pass(0);
    assert.ok((await kinds()).includes('link_cuts'));
  });

  async function technicianOf(school: string, username: string): Promise<string> {
    const password = await hashPassword(DEMO_PASSWORD);
    await createAccount({ username, password, role: 'technician', name: { 'zh-CN': username }, school });
    return signIn(server.url, username, DEMO_PASSWORD);
  }
});
