import { existsSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Logger, pino } from 'pino';
import { createMediaNode, type MediaNode } from '../media/node.ts';
import { MediaPortError } from '../media/worker-slot.ts';
import { TongkeError } from '../protocol/errors.ts';
import { createRecorder, type Recorder } from '../recordings/recorder.ts';
import { Auth } from './auth/auth.ts';
import { Setup } from './auth/setup.ts';
import { banner } from './banner.ts';
import { type Config, ConfigError, readConfig } from './config.ts';
import { createDeviceConnections } from './connection/device-socket.ts';
import { type Connections, createConnections } from './connection/socket.ts';
import { openPreparation, type Preparation } from './courseware/open.ts';
import { DatabaseStartError, startEmbeddedDatabase } from './database/embedded.ts';
import { DEMO_PASSWORD, Demo, demoRuns } from './demo/demo.ts';
import { type DeviceService, openDevices } from './devices/service.ts';
import { createApp } from './http/app.ts';
import { Ceilings } from './lessons/ceilings.ts';
import { Lessons } from './lessons/lessons.ts';
import { ListenError, Listeners, tlsFor } from './listen.ts';
import { readMetrics } from './metrics.ts';
import { openAfterwards } from './replays/open.ts';
import { Quotas } from './replays/quotas.ts';
import { openFolderStore } from './storage/folder.ts';
import { openS3Store } from './storage/s3.ts';
import { writeAudit } from './store/audit.ts';
import { ceilingRecords } from './store/ceilings.ts';
import { connect, database, databaseClient, disconnect } from './store/database.ts';
import { lessonRecords } from './store/lessons.ts';
import { logStore } from './store/log.ts';
import { TlsError } from './tls/authority.ts';

const EVERYWHERE = '0.0.0.0';
/** The player that goes into archives. */
const PLAYER = fileURLToPath(new URL('../dist/archive', import.meta.url));
const PAGES = fileURLToPath(new URL('../dist/client', import.meta.url));
/** A stop that takes longer hangs; what was acknowledged is in the journal by then. */
const STOP_MS = 20_000;

export interface RunningServer {
  /** Where it is found on this computer. */
  readonly url: string;
  readonly httpsUrl: string;
  /** What to print for the person who started it. */
  readonly banner: string;
  readonly media: MediaNode;
  readonly lessons: Lessons;
  readonly devices: DeviceService;
  /** Makes the finished demo lesson's recording, where there is a demo without one; some ten seconds of CPU. */
  makeDemoReplay(): Promise<void>;
  /** Stops accepting, tells everyone, writes what waits, and closes what was opened, in that order. */
  close(): Promise<void>;
}

/** What has to be closed, in the opposite order of opening. */
class Opened {
  readonly #closers: (() => Promise<void> | void)[] = [];
  #closing: Promise<void> | null = null;

  add(closer: () => Promise<void> | void): void {
    this.#closers.unshift(closer);
  }

  /** Closes all, whatever fails; rejects with the first failure. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const failures: unknown[] = [];
    for (const closer of this.#closers) {
      try {
        await closer();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'the server did not stop cleanly');
  }
}

/**
 * The whole server in one process: the only place where media and recordings meet lessons. Resolves when lessons can
 * be taught; what fails before that closes what was opened.
 */
export async function startServer(config: Config, log = createLog(config)): Promise<RunningServer> {
  const opened = new Opened();
  try {
    return await start(config, log, opened);
  } catch (error) {
    await opened.close().catch((failure: unknown) => log.error({ err: failure }, 'after a failed start'));
    throw error;
  }
}

async function start(config: Config, log: Logger, opened: Opened): Promise<RunningServer> {
  await openStore(config, log, opened);
  const media = await createMediaNode({
    workerBin: config.mediasoupWorkerBin,
    port: config.mediaPort,
    // A server that is kept to one address keeps its media there too.
    listenIp: isIPv4(config.host) && config.host !== EVERYWHERE ? config.host : undefined,
    announcedAddresses: config.announcedAddress ? [config.announcedAddress] : undefined,
    log: log.child({ part: 'media' }),
  });
  opened.add(() => media.close());
  const store = config.s3 && (await openS3Store(config.s3));
  const recordings = await createRecorder({
    directory: join(config.dataDir, 'recordings'),
    ...{ media, store },
    database: database(),
    ffmpegBin: config.ffmpegBin,
    ffprobeBin: config.ffprobeBin,
    log: log.child({ part: 'recordings' }),
  });
  opened.add(() => recordings.close());
  const quotas = new Quotas({ recordings, log: log.child({ part: 'replays' }) });
  opened.add(() => quotas.close());
  const lessons = new Lessons({
    records: lessonRecords,
    store: logStore,
    media,
    recordings,
    ceilings: new Ceilings(ceilingRecords, log.child({ part: 'ceilings' })),
    quotas,
    turn: config.turn,
    log: log.child({ part: 'lessons' }),
  });
  opened.add(() => lessons.close());
  await lessons.resumeLive();
  const objects = store ?? openFolderStore(join(config.dataDir, 'objects'));
  const preparation = openPreparation(config, objects, lessons, log.child({ part: 'courseware' }));
  opened.add(() => preparation.close());
  const devices = await openDevices({
    ...{ secret: config.sessionSecret, told: config.delivery, publicUrl: config.publicUrl ?? null },
    ...{ pages: PAGES, builds: join(config.dataDir, 'builds') },
    log: log.child({ part: 'devices' }),
  });
  opened.add(() => devices.close());
  lessons.onStateChange = ({ members }) => devices.agendaChanged(members.rooms);

  const demo = await openDemo(config, recordings, log, opened);
  const { listeners, bannerText } = await openDoors({
    config,
    log,
    opened,
    media,
    recordings,
    quotas,
    lessons,
    devices,
    preparation,
    demo,
  });
  const { http, https } = listeners.local();
  return {
    url: http,
    httpsUrl: https,
    banner: bannerText,
    media,
    lessons,
    devices,
    makeDemoReplay: async () => demo?.makeReplay(),
    close: () => opened.close(),
  };
}

/** The database, embedded unless it is named, and the connection to it. */
async function openStore({ dataDir, mongodbUri }: Config, log: Logger, opened: Opened): Promise<void> {
  let uri = mongodbUri;
  if (uri === undefined) {
    const directory = join(dataDir, 'database');
    const embedded = await startEmbeddedDatabase({ directory, log: log.child({ part: 'database' }) });
    opened.add(() => embedded.close());
    uri = embedded.uri;
  }
  await connect(uri, log);
  opened.add(disconnect);
}

async function openDemo(
  config: Config,
  recordings: Recorder,
  log: Logger,
  opened: Opened,
): Promise<Demo | null> {
  if (!(await demoRuns(config.demo, config.production))) return null;
  const demo = new Demo({ recordings, ffmpegBin: config.ffmpegBin, log: log.child({ part: 'demo' }) });
  opened.add(() => demo.close());
  await demo.open();
  return demo;
}

interface Doors {
  readonly config: Config;
  readonly log: Logger;
  readonly opened: Opened;
  readonly media: MediaNode;
  readonly recordings: Recorder;
  readonly quotas: Quotas;
  readonly lessons: Lessons;
  readonly devices: DeviceService;
  readonly preparation: Preparation;
  readonly demo: Demo | null;
}

/** HTTP, HTTPS and sockets: from here on people come in. */
async function openDoors(doors: Doors) {
  const { config, log, opened, media, recordings, quotas, lessons, devices, preparation, demo } = doors;
  const runsDemo = demo !== null;
  const origin = { publicUrl: config.publicUrl, behindProxy: config.trustProxy !== false };
  const auth = new Auth({
    ...origin,
    client: databaseClient(),
    secret: config.sessionSecret,
    demo: runsDemo,
  });
  const setup = new Setup(runsDemo);
  const tls = await tlsFor(config);
  const { replays, courier, deletion, clock } = await openAfterwards({
    ...{ dataDir: config.dataDir, recordings, lessons, preparation, player: PLAYER, log, opened },
  });
  const app = createApp({
    auth,
    setup,
    lessons,
    records: lessonRecords,
    recordings,
    replays,
    courier,
    clock,
    ...{ deletion, quotas },
    media,
    demoPassword: runsDemo ? DEMO_PASSWORD : null,
    origin,
    trustProxy: config.trustProxy,
    trust: tls.ca ? { ca: tls.ca, addresses: () => listeners.onNetwork()[0] ?? listeners.local() } : null,
    pages: PAGES,
    devices,
    preparation,
    endDevice: (device) => connections.endDevice(device),
    metrics: {
      token: config.metricsToken ?? null,
      read: () =>
        readMetrics({
          ...{ lessons, devices, connections: () => connections.count() },
          media: () => media.count(),
          recordings: () => recordings.count(),
          disk: () => recordings.disk(),
          recordingWarnings: () => recordings.warnings(),
        }),
    },
    log: log.child({ part: 'http' }),
  });
  const listeners = new Listeners(config, app, tls, log);
  opened.add(() => listeners.close());
  const connections = openConnections(auth, doors, listeners);
  opened.add(() => connections.close());
  await listeners.listen();
  const setupCode = (await setup.isOpen()) ? setup.code : null;
  const bannerText = banner({
    publicUrl: config.publicUrl,
    local: listeners.local(),
    network: listeners.onNetwork(),
    ownAuthority: tls.ca !== undefined,
    demo: runsDemo,
    setupCode,
  });
  return { listeners, bannerText };
}

function openConnections(auth: Auth, { lessons, devices, log }: Doors, listeners: Listeners): Connections {
  const { identify, originAllowed } = auth;
  const socketLog = log.child({ part: 'sockets' });
  const people = createConnections({
    ...{ lessons, log: socketLog, identify, originAllowed },
    deviceRefused: (actor, target) => {
      writeAudit({ actor, action: 'lesson.join', target, outcome: 'not_found' }).catch((error: unknown) =>
        socketLog.warn({ err: error, actor, target }, 'a refusal was not written down'),
      );
    },
  });
  const screens = createDeviceConnections({ ...devices, log: socketLog, identify, originAllowed });
  for (const server of [listeners.http, listeners.https]) {
    people.attach(server);
    screens.attach(server);
  }
  auth.onSignedOut((session) => people.signOut(session));
  return {
    ...people,
    endDevice(device) {
      devices.fleet.revoke(device);
      people.endDevice(device);
    },
    async close() {
      screens.close();
      await people.close();
    },
  };
}

/** JSON lines on standard error; standard output is for what a person reads. */
export function createLog({ logLevel }: Pick<Config, 'logLevel'>): Logger {
  return pino(
    { level: logLevel, redact: ['password', '*.password', 'cookie', '*.cookie'] },
    pino.destination(2),
  );
}

/** Errors whose message is a sentence for whoever started the server; of others the whole trace is worth seeing. */
const FOR_PEOPLE = [ConfigError, ListenError, DatabaseStartError, MediaPortError, TlsError, TongkeError];

async function main(): Promise<void> {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const config = readConfig(process.env);
  const log = createLog(config);
  const server = await startServer(config, log);
  console.log(server.banner);
  server
    .makeDemoReplay()
    .catch((error: unknown) => log.error({ err: error }, 'the demo lesson has no replay'));
  let stopping = false;
  const stop = (signal: NodeJS.Signals) => {
    // Asked a second time: now, as it is.
    if (stopping) process.exit(1);
    stopping = true;
    console.log(`Stopping (${signal}) …`);
    setTimeout(() => process.exit(1), STOP_MS).unref();
    server.close().then(() => process.exit(0), fail);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

function fail(error: unknown): void {
  const known = FOR_PEOPLE.some((type) => error instanceof type);
  console.error(known && error instanceof Error ? error.message : error);
  process.exit(1);
}

if (import.meta.main) await main().catch(fail);
