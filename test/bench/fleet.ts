import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { DEMO_PASSWORD } from '../../server/demo/demo.ts';
import { signIn } from '../support/client.ts';
import { TestDevice } from '../support/device.ts';
import { type Bench, type BenchOptions, percentile, type Result, round } from './bench.ts';

/** The size of a prefecture's fleet, which one server should bear. */
const DEVICES = 2_000;
const LISTS = 200;
const AT_ONCE = 20;
/** Idle devices report every five minutes and are pinged every hundred seconds: see `client/devices/agent.ts`. */
const REPORTS_A_DAY = (24 * 60) / 5;
const PINGS_A_DAY = (24 * 3_600) / 100;
/** TCP and IPv4 headers with timestamps, and TLS 1.3's record header and tag. */
const PACKET = 52;
const RECORD = 22;

interface Load {
  readonly cpu: { readonly user: number; readonly system: number };
  readonly rss: number;
}

export const bench: Bench = {
  about: 'two thousand enrolled screens at rest: what their technician waits for, and what they cost',
  run: measureFleet,
};

async function measureFleet({ seconds }: BenchOptions, report: (result: Result) => void): Promise<void> {
  const count = DEVICES;
  const say = (name: string, value: number, unit: string, goal?: number) =>
    report({ name, value: round(value), unit, better: 'less', goal, against: { devices: count } });

  const server = fork(new URL('./fleet/server.ts', import.meta.url), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const devices: TestDevice[] = [];
  try {
    const blanks = await Promise.all(Array.from({ length: count }, () => TestDevice.create('http://unused')));
    server.send(blanks.map(({ key }) => key));
    const [{ url }] = (await once(server, 'message')) as [{ url: string }];
    for (const blank of blanks) devices.push(blank.at(url));
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
    // As in life: every screen once in five minutes, one after the other.
    const reports: Promise<unknown>[] = [];
    const before = await load();
    const pause = 300_000 / count;
    const end = performance.now() + seconds * 1000;
    for (let i = 0; performance.now() < end; i++) {
      const device = devices[i % count];
      if (device) reports.push(device.ask('device.report', reportOf(i)));
      await delay(pause);
    }
    await Promise.all(reports);
    const after = await load();
    const spent = after.cpu.user + after.cpu.system - before.cpu.user - before.cpu.system;
    say('server_cpu_pct', spent / 1e4 / seconds, '% of a core');
    say('server_memory_mb', after.rss / 1e6, 'MB');
    say('list_p95_ms', await listP95(url), 'ms', 200);
    const [sample] = devices;
    if (sample) say('idle_kb_per_day', await idleKilobytes(sample), 'kB', 300);
  } finally {
    for (const device of devices) device.close();
    server.disconnect();
    await once(server, 'exit');
  }
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

/** Bytes on the link of a device at rest, of which only the round trip is news: messages as they were counted on its socket, with their packets' headers. */
async function idleKilobytes(device: TestDevice): Promise<number> {
  const { sent, received } = await device.count(() => device.ask('device.report', { roundTripMs: 612 }));
  // Report, answer with the acknowledgement on it, and an acknowledgement of that.
  const report = sent + received + 2 * RECORD + 3 * PACKET;
  // Ping `2` and pong `3`, each in a WebSocket frame (RFC 6455: 2 bytes, and a mask of 4 from the client).
  const ping = 3 + 7 + 2 * RECORD + 3 * PACKET;
  return (REPORTS_A_DAY * report + PINGS_A_DAY * ping) / 1000;
}

async function inBatches<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  for (let i = 0; i < all.length; i += AT_ONCE) await Promise.all(all.slice(i, i + AT_ONCE).map(work));
}
