import http from 'node:http';
import https from 'node:https';
import { type AddressInfo, isIPv4 } from 'node:net';
import { join } from 'node:path';
import type { Express } from 'express';
import type { Config } from './config.ts';
import type { Log } from './log.ts';
import { ensureTls, lanAddresses, localHosts, type TlsMaterial } from './tls/authority.ts';

/** A certificate is looked after once a day: it ends, and a school's router hands out new addresses. */
const RENEWAL_MS = 24 * 3_600_000;

/**
 * Node's own five seconds are over before the next request of a page that loads over a satellite, which then begins with a
 * handshake anew. Longer than the minute after which proxies give up a connection, so that they are first.
 */
const KEEP_ALIVE_MS = 65_000;

/** A port that cannot be had; the message is a sentence for whoever starts the server. */
export class ListenError extends Error {
  override name = 'ListenError';
}

/** Key and certificate for `config`'s names and addresses. */
export function tlsFor({ dataDir, tls, publicUrl, announcedAddress }: Config): Promise<TlsMaterial> {
  const publicHost = publicUrl === undefined ? [] : [new URL(publicUrl).hostname];
  return ensureTls({
    directory: join(dataDir, 'tls'),
    hosts: [...localHosts(), ...publicHost, ...(announcedAddress ? [announcedAddress] : [])],
    certFile: tls?.certFile,
    keyFile: tls?.keyFile,
  });
}

/** The HTTP and HTTPS servers. They are made first and listen last: whoever can connect finds everything there. */
export class Listeners {
  readonly http: http.Server;
  readonly https: https.Server;
  readonly #config: Config;
  readonly #renewal: NodeJS.Timeout;

  constructor(config: Config, app: Express, tls: TlsMaterial, log: Log) {
    this.#config = config;
    this.http = http.createServer(app);
    this.https = https.createServer({ cert: tls.cert, key: tls.key }, app);
    for (const server of [this.http, this.https]) server.keepAliveTimeout = KEEP_ALIVE_MS;
    this.#renewal = setInterval(() => void this.#renew(log), RENEWAL_MS).unref();
  }

  /** Rejects with `ListenError`. */
  async listen(): Promise<void> {
    const { host, port, httpsPort } = this.#config;
    await listen(this.http, host, port, 'PORT');
    await listen(this.https, host, httpsPort, 'HTTPS_PORT');
  }

  /** Where the server is found on this computer, or where `HOST` says. */
  local(): { http: string; https: string } {
    const { host } = this.#config;
    const everywhere = host === '0.0.0.0' || host === '::';
    return this.#at(everywhere ? 'localhost' : host);
  }

  /** Where other devices find it, by each address of this computer; none where `HOST` keeps it to one. */
  onNetwork(): { http: string; https: string }[] {
    const { host } = this.#config;
    if (host === '::') return lanAddresses().map((address) => this.#at(address));
    const hosts = host === '0.0.0.0' ? lanAddresses().filter(isIPv4) : [];
    return hosts.map((address) => this.#at(address));
  }

  /** Takes no new connections; those that are idle or hang are ended. Safe where it never listened. */
  close(): void {
    clearInterval(this.#renewal);
    for (const server of [this.http, this.https]) {
      server.close();
      server.closeAllConnections();
    }
  }

  #at(host: string): { http: string; https: string } {
    const name = host.includes(':') ? `[${host}]` : host;
    // URL leaves out the port where it is the scheme's own.
    return {
      http: new URL(`http://${name}:${portOf(this.http)}`).origin,
      https: new URL(`https://${name}:${portOf(this.https)}`).origin,
    };
  }

  async #renew(log: Log): Promise<void> {
    try {
      const { cert, key } = await tlsFor(this.#config);
      this.https.setSecureContext({ cert, key });
    } catch (error) {
      log.error({ err: error }, 'the certificate could not be renewed');
    }
  }
}

function portOf(server: http.Server | https.Server): number {
  const address: AddressInfo | string | null = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function listen(server: http.Server | https.Server, host: string, port: number, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(explain(error, host, port, name)));
    server.listen(port, host, resolve);
  });
}

function explain(error: NodeJS.ErrnoException, host: string, port: number, name: string): Error {
  const reasons: Record<string, string> = {
    EADDRINUSE: `Port ${port} is in use by another program; choose another one with ${name}.`,
    EACCES: `Port ${port} is not for ordinary users; choose one above 1023 with ${name}.`,
    EADDRNOTAVAIL: `HOST is "${host}", but must be an address of this computer.`,
    ENOTFOUND: `HOST is "${host}", but must be an address of this computer.`,
  };
  const sentence = reasons[error.code ?? ''];
  return sentence ? new ListenError(sentence, { cause: error }) : error;
}
