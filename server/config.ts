import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import {
  type CoursewareConfig,
  coursewareFound,
  coursewareVariables,
  readCourseware,
} from './config-courseware.ts';
import { DELIVERY_SECRETS, type DeliveryConfig, deliveryVariables, readDelivery } from './config-delivery.ts';

/** What the environment says, checked once at start. Everything after this takes it as an argument. */
export interface Config {
  /** 0 lets the system choose one, as tests do. */
  readonly port: number;
  readonly httpsPort: number;
  readonly host: string;
  /** Absolute path: database, recordings and keys. */
  readonly dataDir: string;
  /** Where people find this server from outside, without a trailing slash. */
  readonly publicUrl?: string;
  /** express's `trust proxy`: false, a number of proxies, or their addresses. */
  readonly trustProxy: false | number | readonly string[];
  /** Absent: the embedded database in `dataDir`. */
  readonly mongodbUri?: string;
  readonly sessionSecret: string;
  readonly ffmpegBin: string;
  readonly ffprobeBin: string;
  readonly mediasoupWorkerBin?: string;
  /** The address that media clients are told to send to, where it is not one of the host's own. */
  readonly announcedAddress?: string;
  /** First UDP and TCP port for media; one more for every further worker. 0 lets the system choose. */
  readonly mediaPort: number;
  /** A TURN relay for networks that let no media through: its addresses, and the secret shared with it. */
  readonly turn?: { readonly urls: readonly string[]; readonly secret: string };
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
  /** PEM files of a certificate of one's own; absent: the local authority's. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
  /** `auto`: while nobody has an account and this is not production. */
  readonly demo: 'on' | 'off' | 'auto';
  readonly production: boolean;
  /** What a scraper of /metrics shows; absent: only programs on this computer may read it. */
  readonly metricsToken?: string;
  readonly delivery: DeliveryConfig;
  readonly courseware: CoursewareConfig;
}

/** What `npm run setup` found on this computer; see scripts/setup.mjs. */
const SETUP_RESULT = new URL('../node_modules/.tongke.json', import.meta.url);

/** HMAC-SHA256 keys shorter than its output are weaker than it (RFC 2104, section 3). */
const SECRET_LENGTH = 32;

const port = z.coerce.number().int().min(0).max(65_535);
const file = z.string().min(1);

/** A description says what fits: it completes the sentence "NAME must be …". */
const Environment = z.object({
  PORT: port.default(3000).describe('a port, 0 to 65535'),
  HTTPS_PORT: port.optional().describe('a port, 0 to 65535'),
  HOST: z
    .string()
    .regex(/^[\w.:-]+$/)
    .default('0.0.0.0')
    .describe('an address or name of this computer'),
  DATA_DIR: file.default('data').describe('a folder'),
  PUBLIC_URL: z
    .url({ protocol: /^https?$/ })
    .transform((url) => url.replace(/\/+$/, ''))
    .refine((url) => URL.parse(url)?.origin === url)
    .optional()
    .describe('an http or https address without a path, such as https://tongke.example.cn'),
  TRUST_PROXY: z
    .string()
    .regex(/^(off|false|\d{1,2}|[\w.:/]+(,\s*[\w.:/]+)*)$/)
    .refine((value) => value !== 'true')
    .transform(readTrustProxy)
    .default(false)
    .describe(
      'off, the number of proxies in front, or their addresses (such as "loopback" or "10.0.0.0/8, 192.168.1.2")',
    ),
  MONGODB_URI: z
    .string()
    .regex(/^mongodb(\+srv)?:\/\/./)
    .optional()
    .describe('an address beginning with mongodb://'),
  SESSION_SECRET: z
    .string()
    .min(SECRET_LENGTH)
    .optional()
    .describe(`at least ${SECRET_LENGTH} random characters`),
  FFMPEG_BIN: file.optional().describe('the path of ffmpeg'),
  FFPROBE_BIN: file.optional().describe('the path of ffprobe'),
  MEDIASOUP_WORKER_BIN: file.optional().describe("the path of mediasoup's worker"),
  MEDIASOUP_ANNOUNCED_ADDRESS: z
    .string()
    .regex(/^[\w.:-]+$/)
    .optional()
    .describe('an IP address or host name'),
  MEDIA_PORT: port.default(44_444).describe('a port, 0 to 65535'),
  TURN_URLS: z
    .string()
    .regex(/^turns?:[^\s,]+(,\s*turns?:[^\s,]+)*$/)
    .transform((list) => list.split(',').map((url) => url.trim()))
    .optional()
    .describe('addresses beginning with turn: or turns:, with commas between them'),
  TURN_SECRET: z
    .string()
    .min(16)
    .optional()
    .describe('at least 16 characters, the same as the TURN server has'),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
    .default('info')
    .describe('trace, debug, info, warn, error, fatal or silent'),
  TLS_CERT: file.optional().describe('the path of a certificate (PEM)'),
  TLS_KEY: file.optional().describe('the path of its key (PEM)'),
  DEMO: z.enum(['on', 'off', 'auto']).default('auto').describe('on, off or auto'),
  METRICS_TOKEN: z
    .string()
    .min(SECRET_LENGTH)
    .optional()
    .describe(`at least ${SECRET_LENGTH} random characters`),
  ...deliveryVariables,
  ...coursewareVariables,
  NODE_ENV: z.string().optional().describe('production, development or test'),
});

/** Each may be given as the content of a file instead: NAME_FILE, as Docker and systemd hand over secrets. */
const SECRETS = [
  ...['MONGODB_URI', 'SESSION_SECRET', 'METRICS_TOKEN', 'TURN_SECRET'],
  ...DELIVERY_SECRETS,
] as const;

/** A value in the environment that does not fit. The message is one sentence for whoever set it. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/** Throws `ConfigError` for the first value that does not fit. Makes the data folder and, once, a session secret. */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const env = parse(withSecretFiles(environment));
  const dataDir = resolve(env.DATA_DIR);
  const found = readSetupResult();
  return {
    port: env.PORT,
    httpsPort: env.HTTPS_PORT ?? httpsPortFor(env.PORT),
    host: env.HOST,
    dataDir,
    publicUrl: env.PUBLIC_URL,
    trustProxy: env.TRUST_PROXY,
    mongodbUri: env.MONGODB_URI,
    sessionSecret: env.SESSION_SECRET ?? keptSecret(dataDir),
    ffmpegBin: env.FFMPEG_BIN ?? found.ffmpegBin ?? 'ffmpeg',
    ffprobeBin: env.FFPROBE_BIN ?? found.ffprobeBin ?? 'ffprobe',
    mediasoupWorkerBin: env.MEDIASOUP_WORKER_BIN ?? found.workerBin,
    announcedAddress: env.MEDIASOUP_ANNOUNCED_ADDRESS,
    mediaPort: env.MEDIA_PORT,
    turn: turnRelay(env.TURN_URLS, env.TURN_SECRET),
    logLevel: env.LOG_LEVEL,
    tls: tlsFiles(env.TLS_CERT, env.TLS_KEY),
    demo: env.DEMO,
    production: env.NODE_ENV === 'production',
    metricsToken: env.METRICS_TOKEN,
    courseware: readCourseware(env, found),
    delivery: readDelivery(env, (name) => {
      throw new ConfigError(`${name} must be set too: a mail server needs a sender.`);
    }),
  };
}

function parse(environment: NodeJS.ProcessEnv): z.output<typeof Environment> {
  // Compose files and unit files pass variables that are not set as empty ones.
  const set = Object.entries(environment).filter(([, value]) => value !== undefined && value.trim() !== '');
  const result = Environment.safeParse(Object.fromEntries(set));
  if (result.success) return result.data;
  const name = String(result.error.issues[0]?.path[0]);
  const fits = Object.entries(Environment.shape).find(([key]) => key === name)?.[1].description;
  const secret = SECRETS.some((secretName) => secretName === name);
  throw new ConfigError(
    `${name}${secret ? '' : ` is "${environment[name]}", but`} must be ${fits ?? 'something else'}.`,
  );
}

function withSecretFiles(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const complete = { ...environment };
  for (const name of SECRETS) {
    const path = environment[`${name}_FILE`];
    if (!path) continue;
    if (environment[name])
      throw new ConfigError(`${name} and ${name}_FILE are both set; only one of them can be meant.`);
    complete[name] = readSecretFile(`${name}_FILE`, path);
  }
  return complete;
}

function readSecretFile(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new ConfigError(`${name} names "${path}", which must be a file that this server can read.`, {
      cause: error,
    });
  }
}

function readTrustProxy(value: string): false | number | string[] {
  if (value === 'off' || value === 'false') return false;
  return /^\d+$/.test(value) ? Number(value) : value.split(',').map((address) => address.trim());
}

function httpsPortFor(httpPort: number): number {
  if (httpPort === 0) return 0;
  if (httpPort === 80) return 443;
  return httpPort + 443 <= 65_535 ? httpPort + 443 : httpPort - 443;
}

function tlsFiles(certFile: string | undefined, keyFile: string | undefined): Config['tls'] {
  if (certFile && keyFile) return { certFile, keyFile };
  if (!certFile && !keyFile) return undefined;
  throw new ConfigError(`${certFile ? 'TLS_KEY' : 'TLS_CERT'} must be set too: a certificate needs its key.`);
}

function turnRelay(urls: string[] | undefined, secret: string | undefined): Config['turn'] {
  if (urls && secret) return { urls, secret };
  if (!urls && !secret) return undefined;
  throw new ConfigError(`${urls ? 'TURN_SECRET' : 'TURN_URLS'} must be set too: a relay needs both.`);
}

/** Sessions outlive a restart because the secret that signs them does. */
function keptSecret(dataDir: string): string {
  const folder = join(dataDir, 'keys');
  const path = join(folder, 'session-secret');
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // wx: fails where it exists, so that two servers starting at once end up with the same secret.
    writeFileSync(path, randomBytes(SECRET_LENGTH).toString('base64url'), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) {
      throw new ConfigError(`DATA_DIR is "${dataDir}", but must be a folder that this server can write to.`, {
        cause: error,
      });
    }
  }
  const secret = readFileSync(path, 'utf8').trim();
  if (secret.length >= SECRET_LENGTH) return secret;
  throw new ConfigError(`${path} holds no session secret; delete it, and the server makes a new one.`);
}

const SetupResult = z.object({
  workerBin: z.string().optional(),
  ffmpegBin: z.string().optional(),
  ffprobeBin: z.string().nullish(),
  ...coursewareFound,
});

function readSetupResult(): z.output<typeof SetupResult> {
  try {
    return SetupResult.parse(JSON.parse(readFileSync(SETUP_RESULT, 'utf8')));
  } catch {
    return {}; // not set up by our script: names in PATH have to do
  }
}
