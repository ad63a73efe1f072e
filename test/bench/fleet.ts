import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { DEMO_PASSWORD } from '../../server/demo/demo.ts';
import { signIn } from '../support/client.ts';
import { TestDevice } from '../support/device.ts';
import { createLink, type Link } from '../support/link/link.ts';
import { type Bench, type BenchOptions, percentile, type Result, round } from './bench.ts';

/** The size of a prefecture's fleet, which one server should bear. */
const DEVICES = 2_000;
const LISTS = 200;
const AT_ONCE = 20;
/** Every so many of the screens stands behind a link that counts its packets. */
const COUNTED_EACH = 20;
const REPORT_EVERY_MS = 5 * 60_000;
const DAY_MS = 24 * 3_600_000;
/** Every screen is pinged once in this (`PING_INTERVAL_MS` of `server/connection/device-socket.ts`): less would count by chance. */
const LEAST_SECONDS = 100;

interface Load {
  readonly cpu: { readonly user: number; readonly system: number };
  readonly rss: number;
}

export const bench: Bench = {
  about: 'two thousand enrolled screens at rest: what their technician waits for, and what they cost',
  run: measureFleet,
};

async function measureFleet(options: BenchOptions, report: (result: Result) => void): Promise<void> {
  const seconds = Math.max(options.seconds, LEAST_SECONDS);
  const count = DEVICES;
  const say = (name: string, value: number, unit: string, goal?: number) =>
    report({ name, value: round(value), unit, better: 'less', goal, against: { devices: count } });

  const server = fork(new URL('./fleet/server.ts', import.meta.url), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  // For `fetch`: the server's certificate is of its own authority.
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
  const link = createLink({ down: {}, up: {} });
  const devices: TestDevice[] = [];
  try {
    const blanks = await Promise.all(Array.from({ length: count }, () => TestDevice.create('http://unused')));
    server.send(blanks.map(({ key }) => key));
    const [{ url, httpsUrl }] = (await once(server, 'message')) as [{ url: string; httpsUrl: string }];
    const { host, port } = await link.relayTcp({ target: { host: '127.0.0.1', port: portOf(httpsUrl) } });
    // Over TLS and the link, as from a village; the others spare this process the work.
    const village = `https://${host}:${port}`;
    devices.push(...blanks.map((blank, i) => blank.at(i % COUNTED_EACH === 0 ? village : url)));
    const counted = devices.filter((device) => device.url === village).length;
    await inBatches(devices, async (device) => {
      await device.signIn();
      await device.connect();
    });

    const load = async (): Promise<Load> => {
      const answer = once(server, 'message');
      server.send('cpu');
      const [given] = (await answer) as [Load];
      return given;
    };
    // As in life: every screen once in five minutes, one after the other; pings come of themselves.
    const reports: Promise<unknown>[] = [];
    const before = await load();
    const bytesBefore = bytesOn(link);
    const began = performance.now();
    const pause = REPORT_EVERY_MS / count;
    const end = performance.now() + seconds * 1000;
    for (let i = 0; performance.now() < end; i++) {
      const device = devices[i % count];
      if (device) reports.push(device.ask('device.report', reportOf(i)));
      await delay(Math.max(0, began + (i + 1) * pause - performance.now()));
    }
    await Promise.all(reports);
    const days = (performance.now() - began) / DAY_MS;
    const bytes = bytesOn(link) - bytesBefore;
    const after = await load();
    const spent = after.cpu.user + after.cpu.system - before.cpu.user - before.cpu.system;
    say('server_cpu_pct', spent / 1e4 / seconds, '% of a core');
    say('server_memory_mb', after.rss / 1e6, 'MB');
    say('list_p95_ms', await listP95(url), 'ms', 200);
    say('idle_kb_per_day', bytes / 1000 / days / counted, 'kB', 300);
  } finally {
    for (const device of devices) device.close();
    await link.close();
    server.disconnect();
    await once(server, 'exit');
  }
}

/** Packets of both ways with their TCP and IP headers, acknowledgements too. */
function bytesOn(link: Link): number {
  const { down, up } = link.stats();
  return [down, up].reduce((sum, { tcp }) => sum + tcp.delivered.bytes, 0);
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}

function reportOf(i: number) {
  return { roundTripMs: 60 + (i % 600), camera: 'ok', microphone: 'ok', freeMb: 12_345 } as const;
}

/** While the technician looks, screens go on reporting; each page is asked for as the list asks. */
async function listP95(url: string): Promise<number> {
  const cookie = await signIn(url, 'tech', DEMO_PASSWORD);
  const times: number[] = [];
  for (let i = 0; i < LISTS; i++) {
    const query = [`from=${(i % 40) * 50}`, 'search=1', 'level=green', 'from=0'][i % 4];
    const asked = performance.now();
    const response = await fetch(`${url}/api/v1/rooms?limit=50&${query}`, { headers: { cookie } });
    await response.json();
    times.push(performance.now() - asked);
    await delay(40);
  }
  return percentile(times, 0.95);
}

async function inBatches<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  for (let i = 0; i < all.length; i += AT_ONCE) await Promise.all(all.slice(i, i + AT_ONCE).map(work));
}
