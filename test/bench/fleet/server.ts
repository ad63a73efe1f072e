import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { hashPassword } from '../../../server/auth/password.ts';
import { readConfig } from '../../../server/config.ts';
import { startServer } from '../../../server/main.ts';
import { createAccount } from '../../../server/store/accounts.ts';
import { createDevice } from '../../../server/store/devices.ts';
import { createLesson } from '../../../server/store/lessons.ts';
import { serveSchools } from '../../../server/store/rooms.ts';
import { createSchool } from '../../../server/store/schools.ts';

/*
 * The server under measurement, in a process of its own, so that its processor time is not that of the two thousand
 * screens. Says what is asked of it over IPC: the keys of the screens come in, its address goes out.
 */

const ROOMS_PER_SCHOOL = 8;

process.once('message', (keys) => void run(keys as string[]));

async function run(keys: readonly string[]): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'tongke-fleet-'));
  const server = await startServer(
    readConfig({
      ...{ PORT: '0', HTTPS_PORT: '0', MEDIA_PORT: '0', HOST: '127.0.0.1', DATA_DIR: directory, DEMO: 'on' },
      ...(process.env.MEDIASOUP_WORKER_BIN && { MEDIASOUP_WORKER_BIN: process.env.MEDIASOUP_WORKER_BIN }),
    }),
    pino({ level: 'warn' }, pino.destination(2)),
  );
  await makeCounty(keys);
  process.on('message', (what) => {
    if (what === 'cpu') process.send?.({ cpu: process.cpuUsage(), rss: process.memoryUsage.rss() });
  });
  process.once('disconnect', () => {
    void server.close().then(() => rm(directory, { recursive: true, force: true }));
  });
  process.send?.({ url: server.url, httpsUrl: server.httpsUrl });
}

/** A room for each key, eight to a school, each with a lesson ahead; the demo's technician serves them all. */
async function makeCounty(keys: readonly string[]): Promise<void> {
  const password = await hashPassword('nobody knows this');
  const schools: string[] = [];
  for (let first = 0; first < keys.length; first += ROOMS_PER_SCHOOL) {
    const name = { 'zh-CN': `第${schools.length + 1}小学` };
    const school = await createSchool({ name, region: name, kind: 'village' });
    schools.push(school);
    const rooms = await Promise.all(
      keys.slice(first, first + ROOMS_PER_SCHOOL).map(async (key, i) => {
        const username = `bench-${first + i}`;
        const roomName = { 'zh-CN': `${i + 1}号教室` };
        const id = await createAccount({ username, password, role: 'room', name: roomName, school });
        await createDevice(id, key, new Date());
        return id;
      }),
    );
    const startsAt = new Date(Date.now() + (2 + (first % 20)) * 3_600_000);
    await createLesson({
      ...{ title: name, course: 'none', lead: 'nobody', locals: [], rooms, classes: [], startsAt },
      endsAt: new Date(startsAt.getTime() + 2_400_000),
    });
  }
  await serveSchools(['demo-tech'], schools);
}
