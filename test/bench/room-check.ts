import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEMO_PASSWORD } from '../../server/demo/demo.ts';
import { fakeDevices } from '../e2e/support/fake-devices.ts';
import { openRoom } from '../e2e/support/room-check.ts';
import { launchChromium } from '../support/chromium.ts';
import { signIn } from '../support/client.ts';
import { startTestServer } from '../support/server.ts';
import { type Bench, type BenchOptions, percentile, type Result, round } from './bench.ts';

const TIMES = 10;

export const bench: Bench = {
  about: 'the check of a good room, ten times: how often it is green in every part, and how long it takes',
  run: measureChecks,
};

async function measureChecks(_: BenchOptions, report: (result: Result) => void): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tongke-devices-'));
  const server = await startTestServer();
  const devices = { camera: 'good', microphone: 'hum' } as const;
  const browser = await launchChromium(await fakeDevices(folder, devices));
  const took: number[] = [];
  const remarks: string[] = [];
  try {
    const technician = await signIn(server.url, 'tech', DEMO_PASSWORD);
    const context = await browser.newContext();
    const options = { url: server.url, technician, room: 'demo-room2', heard: true };
    const room = await openRoom(context, options);
    for (let i = 0; i < TIMES; i++) {
      const asked = performance.now();
      const items = await room.check();
      took.push((performance.now() - asked) / 1_000);
      const bad = items.filter(({ level }) => level !== 'green').map(({ code }) => code);
      if (bad.length > 0 || items.length === 0) remarks.push(bad.join(' ') || 'nothing');
    }
  } finally {
    await browser.close();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }
  const green = TIMES - remarks.length;
  const against = remarks.length > 0 ? { remarks: remarks.join(', ') } : undefined;
  report({ name: 'good_room_green_of_10', value: green, unit: 'checks', better: 'more', goal: 10, against });
  report({ name: 'check_p95_s', value: round(percentile(took, 0.95)), unit: 's', better: 'less' });
}
