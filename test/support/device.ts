import { webcrypto } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { io, type Socket } from 'socket.io-client';
import type { RouteInput, RouteOutput } from '../../protocol/api.ts';
import { toBase64url } from '../../protocol/base64.ts';
import {
  DEVICE_SOCKET_PATH,
  type DeviceInput,
  type DeviceNotice,
  type DeviceOutput,
  type DeviceRequestName,
  type DeviceToServer,
  type ServerToDevice,
} from '../../protocol/device-requests.ts';
import { type KeyProof, proofText } from '../../protocol/devices.ts';
import { type Answer, TongkeError } from '../../protocol/errors.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const;

/** A room's screen without a browser: its key, and what it does with it. */
export class TestDevice {
  readonly url: string;
  readonly key: string;
  readonly #privateKey: webcrypto.CryptoKey;
  socket: Socket<ServerToDevice, DeviceToServer> | null = null;
  cookie = '';
  readonly notices: DeviceNotice[] = [];
  readonly #notified = new EventEmitter();

  private constructor(url: string, key: string, privateKey: webcrypto.CryptoKey) {
    this.url = url;
    this.key = key;
    this.#privateKey = privateKey;
  }

  static async create(url: string): Promise<TestDevice> {
    const { publicKey, privateKey } = await webcrypto.subtle.generateKey(ALGORITHM, false, [
      'sign',
      'verify',
    ]);
    const spki = await webcrypto.subtle.exportKey('spki', publicKey);
    return new TestDevice(url, toBase64url(new Uint8Array(spki)), privateKey);
  }

  /** The same key, for a server that was not there when it was made. */
  at(url: string): TestDevice {
    return new TestDevice(url, this.key, this.#privateKey);
  }

  async proof(purpose: 'pair' | 'sign_in'): Promise<KeyProof> {
    const { challenge } = await post<RouteOutput<'device.challenge'>>(this.url, '/device/challenge', {});
    return this.sign(purpose, challenge);
  }

  async sign(purpose: 'pair' | 'sign_in', challenge: string): Promise<KeyProof> {
    const text = new TextEncoder().encode(proofText(purpose, this.key, challenge));
    const hash = { name: 'ECDSA', hash: 'SHA-256' };
    const signature = await webcrypto.subtle.sign(hash, this.#privateKey, text);
    return { key: this.key, challenge, signature: toBase64url(new Uint8Array(signature)) };
  }

  /** Shows its code. */
  async pair(): Promise<RouteOutput<'device.pair'>> {
    return post(this.url, '/device/pairing', await this.proof('pair'));
  }

  /** As an enrolled device. */
  async signIn(): Promise<NonNullable<RouteOutput<'device.signIn'>['enrolled']>> {
    const { enrolled } = await this.trySignIn();
    if (!enrolled) throw new Error('not paired yet');
    return enrolled;
  }

  async trySignIn(): Promise<RouteOutput<'device.signIn'>> {
    const { data, cookie } = await send<RouteOutput<'device.signIn'>>(
      ...([this.url, '/device/session', await this.proof('sign_in')] as const),
    );
    this.cookie = cookie;
    return data;
  }

  /** Rejects with the TongkeError with which the server refuses the connection. */
  async connect(page = 'p1', openMs = 0, version = '1'): Promise<DeviceOutput<'device.hello'>> {
    this.socket = io(this.url, {
      ...{ path: DEVICE_SOCKET_PATH, auth: { version: PROTOCOL_VERSION }, transports: ['websocket'] },
      ...{ extraHeaders: { cookie: this.cookie, origin: this.url }, reconnection: false, forceNew: true },
      rejectUnauthorized: false, // of the server's own authority
    });
    this.socket.on('notice', (notice) => {
      this.notices.push(notice);
      this.#notified.emit('notice');
    });
    const { socket } = this;
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('connect_error', (error) => {
        const code = 'data' in error && (error.data as { code?: string })?.code;
        reject(code ? new TongkeError(code as TongkeError['code']) : error);
      });
    });
    return this.ask('device.hello', { page, openMs, facts: { version, agent: 'test' } });
  }

  async ask<N extends DeviceRequestName>(name: N, input: DeviceInput<N>): Promise<DeviceOutput<N>> {
    const answer = (await this.raw({ name, input })) as Answer<DeviceOutput<N>>;
    if (!answer.ok) throw new TongkeError(answer.error.code, answer.error.message);
    return answer.data;
  }

  raw(envelope: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.socket?.once('disconnect', () => reject(new Error('disconnected before the answer')));
      this.socket?.emit('request', envelope, (answer: unknown) => resolve(answer));
    });
  }

  async next(type: DeviceNotice['type']): Promise<DeviceNotice> {
    for (;;) {
      const found = this.notices.find((notice) => notice.type === type);
      if (found) {
        this.notices.splice(this.notices.indexOf(found), 1);
        return found;
      }
      await once(this.#notified, 'notice', { signal: AbortSignal.timeout(5_000) });
    }
  }

  /** Ends as a closed page does, or, without a goodbye, as a power cut. */
  close({ goodbye }: { goodbye: boolean } = { goodbye: true }): void {
    if (goodbye) this.socket?.disconnect();
    else this.socket?.io.engine.close();
    this.socket = null;
  }
}

/** Enters a screen's code as the technician (or whoever the cookie is of). */
export function enrol(
  url: string,
  cookie: string,
  input: RouteInput<'device.enrol'>,
): Promise<RouteOutput<'device.enrol'>> {
  return post(url, '/devices', input, cookie);
}

export async function post<T>(url: string, path: string, body: unknown, cookie = ''): Promise<T> {
  return (await send<T>(url, path, body, cookie)).data;
}

async function send<T>(
  url: string,
  path: string,
  body: unknown,
  cookie = '',
): Promise<{ data: T; cookie: string }> {
  const response = await fetch(`${url}/api/v1${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url, ...(cookie && { cookie }) },
    body: JSON.stringify(body),
  });
  const answer = (await response.json()) as Answer<T>;
  if (!answer.ok) throw new TongkeError(answer.error.code, answer.error.message);
  const cookies = response.headers.getSetCookie().map((one) => one.split(';')[0]);
  return { data: answer.data, cookie: cookies.join('; ') };
}
