import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';

export interface OriginOptions {
  readonly publicUrl?: string;
  /** A proxy in front is trusted to say how it was asked. */
  readonly behindProxy: boolean;
}

/**
 * Whether a request comes from a page of ours. Browsers say so with everything that changes something and with every
 * WebSocket; who sends no `Origin` is no browser, and has no one else's cookie to misuse.
 */
export function originAllowed(request: IncomingMessage, { publicUrl, behindProxy }: OriginOptions): boolean {
  const { origin } = request.headers;
  if (origin === undefined) return request.headers['sec-fetch-site'] !== 'cross-site';
  if (origin === publicUrl) return true;
  const forwarded = behindProxy ? first(request.headers['x-forwarded-host']) : undefined;
  const host = forwarded ?? request.headers.host;
  return host !== undefined && URL.parse(origin)?.host === host.toLowerCase();
}

/** Whether the client's own connection is encrypted, as far as the server or its proxy can tell. */
export function isSecure(request: IncomingMessage, behindProxy: boolean): boolean {
  if (request.socket instanceof TLSSocket) return true;
  return behindProxy && first(request.headers['x-forwarded-proto']) === 'https';
}

function first(header: string | string[] | undefined): string | undefined {
  const text = Array.isArray(header) ? header[0] : header;
  return text?.split(',')[0]?.trim();
}

/** Whether it was asked from this computer, by a program and not through a proxy that passes others on. */
export function isLoopback(request: IncomingMessage): boolean {
  const { remoteAddress = '' } = request.socket;
  const here = /^(::ffff:)?127\.|^::1$/.test(remoteAddress);
  return here && request.headers['x-forwarded-for'] === undefined && request.headers.forwarded === undefined;
}
