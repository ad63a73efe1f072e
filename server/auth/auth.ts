import type { IncomingMessage } from 'node:http';
import type { Request, RequestHandler } from 'express';
import type { SessionData } from 'express-session';
import type { Account } from '../../protocol/api.ts';
import { TongkeError } from '../../protocol/errors.ts';
import type { Subject } from '../../protocol/roles.ts';
import { findAccount, findCredentials, usernameKey } from '../store/accounts.ts';
import type { DatabaseClient } from '../store/database.ts';
import { type DeviceRecord, findDevice } from '../store/devices.ts';
import { tokenUsed } from '../store/tokens.ts';
import { bearerOf } from './bearer.ts';
import { AttemptLimits } from './limits.ts';
import { type OriginOptions, originAllowed } from './origin.ts';
import { verifyPassword } from './password.ts';
import { beginSession, type DeviceIdentity, endSession, Sessions } from './sessions.ts';

export interface AuthOptions extends OriginOptions {
  readonly client: DatabaseClient;
  readonly secret: string;
  /** Whether the demo's accounts may sign in. */
  readonly demo: boolean;
}

export interface Identity {
  readonly subject: Subject;
  readonly session: string;
  readonly device?: string;
}

/** Who is there: sign-in, sign-out, and the account behind a request or a socket. */
export class Auth {
  /** Gives requests their session; what follows may call the methods below. */
  readonly middleware: RequestHandler;
  readonly limits = new AttemptLimits();
  readonly #options: AuthOptions;
  readonly #sessions: Sessions;
  readonly #signedOut = new Set<(session: string) => void>();

  constructor(options: AuthOptions) {
    this.#options = options;
    this.#sessions = new Sessions(options);
    this.middleware = this.#sessions.middleware;
  }

  /** The account behind a request that passed `middleware`. Read anew each time: taking an account away counts at once. */
  async accountOf(request: Request): Promise<Account | null> {
    const bearer = bearerOf(request);
    if (bearer !== null) return this.#accountByToken(bearer, request.method === 'GET');
    const { account, device } = request.session;
    return account === undefined ? null : this.#accountFor({ account, device });
  }

  /** Who asks, as `can()` takes them. */
  async subjectOf(request: Request): Promise<Subject | null> {
    const account = await this.accountOf(request);
    return account && subjectOf(account);
  }

  /** Who opens a socket, and by which session; `device` where it is one that signed in by its key. */
  identify = async (request: IncomingMessage): Promise<Identity | null> => {
    const session = await this.#sessions.find(request);
    const account = session && (await this.#accountFor(session));
    return account && { subject: subjectOf(account), session: session.id, device: session.device?.id };
  };

  /** Whose browser asks, by its session alone: `by` as media and sockets know it. Not whether it may. */
  async browserOf(request: Request): Promise<{ by: string; participant: string } | null> {
    if (bearerOf(request) !== null || request.headers.cookie === undefined) return null;
    const session = 'session' in request ? { ...request.session, id: request.sessionID } : undefined;
    const { id, account, device } = session ?? (await this.#sessions.find(request)) ?? {};
    return id === undefined || account === undefined ? null : { by: device?.id ?? id, participant: account };
  }

  /** A program's token says who asks; a cookie beside it says nothing. */
  async #accountByToken(bearer: string, reading: boolean): Promise<Account | null> {
    const token = await tokenUsed(bearer);
    const account = token && (await findAccount(token.account, this.#options));
    return account && { ...account, token: { scopes: token.scopes, reading } };
  }

  /** A device's session is worth what its key is: nothing, once that is revoked. */
  async #accountFor({
    account,
    device,
  }: Partial<SessionData> & { account: string }): Promise<Account | null> {
    if (device !== undefined) {
      const found = await findDevice(device.id);
      if (found?.key !== device.key || found.room !== account) return null;
    }
    return findAccount(account, this.#options);
  }

  /** Whether a request that changes something, or a socket, comes from a page of ours, or from no page at all. */
  originAllowed = (request: IncomingMessage): boolean =>
    bearerOf(request) !== null || originAllowed(request, this.#options);

  /** Rejects with `wrong_password` (for unknown names too) or `too_many_requests`. */
  async signIn(request: Request, username: string, password: string): Promise<Account> {
    const forgive = await this.limits.count(request.ip ?? '', usernameKey(username));
    const found = await findCredentials(username);
    const usable = found && (!found.demo || this.#options.demo) ? found : null;
    const right = await verifyPassword(password, usable?.password);
    const account = right && usable ? await findAccount(usable.id, this.#options) : null;
    if (!account) throw new TongkeError('wrong_password');
    await forgive();
    await this.begin(request, account);
    return account;
  }

  /** The account of a room whose device has proved its key. Rejects with `room_not_found`. */
  async signInDevice(request: Request, { id, room, key }: DeviceRecord): Promise<Account> {
    const account = await findAccount(room, this.#options);
    if (account?.role !== 'room' || key === undefined) throw new TongkeError('room_not_found');
    await this.begin(request, account, { id, key });
    return account;
  }

  /** Signs in without a password: for an account made in this very request, or a device that proved its key. */
  async begin(request: Request, account: Account, device?: DeviceIdentity): Promise<void> {
    const before = request.sessionID;
    await beginSession(request, account.id, device);
    this.#announce(before);
  }

  /** Ends the session and every socket opened with it. */
  async signOut(request: Request): Promise<void> {
    const before = request.sessionID;
    await endSession(request);
    this.#announce(before);
  }

  onSignedOut(listener: (session: string) => void): void {
    this.#signedOut.add(listener);
  }

  #announce(session: string): void {
    for (const listener of this.#signedOut) listener(session);
  }
}

export function subjectOf({ id, role, school, serves, token }: Account): Subject {
  return { id, role, school: school.id, serves, token };
}
