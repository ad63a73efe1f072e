// A server of its own process, so that its processor time can be told: prints where it is, ends when its input does.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { readConfig } from '../../../server/config.ts';
import { startServer } from '../../../server/main.ts';
import { ensureTls } from '../../../server/tls/authority.ts';

const directory = await mkdtemp(join(tmpdir(), 'tongke-bench-'));
const config = readConfig({
  ...{ PORT: '0', HTTPS_PORT: '0', MEDIA_PORT: '0', HOST: '127.0.0.1', DATA_DIR: directory, DEMO: 'on' },
  ...(process.env.MEDIASOUP_WORKER_BIN ? { MEDIASOUP_WORKER_BIN: process.env.MEDIASOUP_WORKER_BIN } : {}),
});
const server = await startServer(config, pino({ level: 'warn' }, pino.destination(2)));
const { cert, key, ca } = await ensureTls({ directory: join(directory, 'tls') });
console.log(JSON.stringify({ url: server.url, httpsUrl: server.httpsUrl, cert, key, ca, pid: process.pid }));

const stop = async () => {
  await server.close();
  await rm(directory, { recursive: true, force: true });
  process.exit(0);
};
process.stdin.resume().on('end', stop);
process.on('SIGTERM', stop);
