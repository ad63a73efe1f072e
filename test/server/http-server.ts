import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Answer, ErrorCode } from '../../protocol/errors.ts';
import { readConfig } from '../../server/config.ts';
import { DEMO_PASSWORD } from '../../server/demo/demo.ts';
import { type RunningServer, startServer } from '../../server/main.ts';
import { signIn } from '../support/client.ts';
import { freshDatabaseUri } from '../support/database.ts';

export interface TestServer extends RunningServer {
  readonly dataDir: string;
  /** The cookie of one of the demo's people. */
  as(username: string): Promise<string>;
  /** Any request below the site's root. */
  send(path: string, options?: Sent): Promise<Reply>;
}

export interface Sent {
  readonly method?: string;
  readonly cookie?: string;
  readonly headers?: Record<string, string>;
  /** Sent as JSON, or as it is where it is a text. */
  readonly body?: unknown;
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  /** The code of a refusal; undefined for an answer that is none. */
  readonly code: ErrorCode | undefined;
  readonly data: unknown;
  readonly text: string;
}

/** The whole server on free ports and an empty database, with the demo school in it unless `env` says otherwise. */
export async function startTestServer(env: NodeJS.ProcessEnv = {}): Promise<TestServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tongke-test-'));
  const config = readConfig({
    ...process.env,
    HOST: '127.0.0.1',
    PORT: '0',
    HTTPS_PORT: '0',
    MEDIA_PORT: '0',
    LOG_LEVEL: process.env.TONGKE_TEST_LOG ? 'info' : 'silent',
    MONGODB_URI: env.MONGODB_URI ?? (await freshDatabaseUri()),
    DATA_DIR: dataDir,
    DEMO: 'on',
    ...env,
  });
  const server = await startServer(config);
  return {
    ...server,
    dataDir,
    as: (username) => signIn(server.url, username, DEMO_PASSWORD),
    send: (path, options) => send(server.url + path, options),
    async close() {
      await server.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function send(url: string, { method = 'GET', cookie, headers, body }: Sent = {}): Promise<Reply> {
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    headers: {
      ...(cookie && { cookie }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  const answer = parseAnswer(text);
  return {
    status: response.status,
    headers: response.headers,
    code: answer?.ok === false ? answer.error?.code : undefined,
    data: answer?.ok ? answer.data : undefined,
    text,
  };
}

function parseAnswer(text: string): Answer<unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'ok' in value
      ? (value as Answer<unknown>)
      : undefined;
  } catch {
    return undefined; // not JSON: a page or a file
  }
}
