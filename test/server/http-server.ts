import type { Answer, ErrorCode } from '../../protocol/errors.ts';
import { DEMO_PASSWORD } from '../../server/demo/demo.ts';
import { signIn } from '../support/client.ts';
import { startTestServer, type TestServer, type TestServerOptions } from '../support/server.ts';

export interface HttpServer extends TestServer {
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

/** The whole server, and how to talk to it without a browser. */
export async function startHttpServer(
  environment: Record<string, string> = {},
  options: TestServerOptions = {},
): Promise<HttpServer> {
  const server = await startTestServer(environment, options);
  return {
    ...server,
    as: (username) => signIn(server.url, username, DEMO_PASSWORD),
    send: (path, options) => sendTo(server.url + path, options),
  };
}

/** Any request to a server. */
export async function sendTo(
  url: string,
  { method = 'GET', cookie, headers, body }: Sent = {},
): Promise<Reply> {
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
