import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { readConfig } from '../../server/config.ts';
import { type RunningServer, startServer } from '../../server/main.ts';
import { freshDatabaseUri } from './database.ts';
import { type Begun, keepDemoRecording, layDemoRecording } from './demo-recording.ts';

/** What the demo school is known by: see `server/demo/`. */
export const DEMO = {
  teacher: 'dolma',
  local: 'tashi',
  room: 'room1',
  secondRoom: 'room2',
  student: 'student1',
};

export interface TestServerOptions {
  /** `makeDemoReplay` begins with what another server of this run has recorded, or made of it, where there is one. */
  readonly begun?: Begun;
}

export interface TestServer extends RunningServer {
  readonly directory: string;
}

/**
 * A whole server in this process, on ports that the system chooses, with the demo school and an empty database. One
 * at a time: the store's connection is the process's own.
 */
export async function startTestServer(
  environment: Record<string, string> = {},
  { begun }: TestServerOptions = {},
): Promise<TestServer> {
  const directory = await mkdtemp(join(tmpdir(), 'tongke-test-'));
  if (begun) await layDemoRecording(directory, begun);
  const config = readConfig({
    PORT: '0',
    HTTPS_PORT: '0',
    MEDIA_PORT: '0',
    HOST: '127.0.0.1',
    DATA_DIR: directory,
    DEMO: 'on',
    MONGODB_URI: await freshDatabaseUri(),
    ...environment,
  });
  const server = await startServer(config, pino({ level: process.env.TONGKE_TEST_LOG ?? 'silent' }));
  return {
    ...server,
    directory,
    async makeDemoReplay() {
      await server.makeDemoReplay();
      if (begun) await keepDemoRecording(directory);
    },
    async close() {
      await server.close();
      await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
}
