import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FileStore } from '@tus/file-store';
import { Server } from '@tus/server';
import type { RequestHandler } from 'express';
import { TongkeError } from '../../protocol/errors.ts';
import { can } from '../../protocol/roles.ts';
import { type Auth, subjectOf } from '../auth/auth.ts';
import { PACKAGE_BYTES } from './unpack.ts';

/** Where packages are sent, in pieces, and go on where a link broke off (tus 1.0). */
export const UPLOADS = '/courier/uploads';
/** A stick was pulled out and nobody came back. */
const EXPIRES_MS = 3 * 86_400_000;

export function courierUploads(auth: Auth, directory: string): RequestHandler {
  const store = new FileStore({ directory, expirationPeriodInMilliseconds: EXPIRES_MS });
  const server = new Server({
    path: UPLOADS,
    datastore: store,
    maxSize: PACKAGE_BYTES,
    relativeLocation: true,
  });
  void server.cleanUpExpiredUploads().catch(() => 0); // the next start finds them again
  return async (request, response) => {
    const account = await auth.accountOf(request);
    if (!auth.originAllowed(request)) throw new TongkeError('forbidden');
    if (!can(account && subjectOf(account), 'courier.manage'))
      throw new TongkeError(account ? 'forbidden' : 'not_signed_in');
    request.url = request.originalUrl; // it looks for its own path
    await server.handle(request, response);
  };
}

/** What was sent, whole. */
export function uploadPath(directory: string, id: string): string {
  return join(directory, id);
}

export async function forgetUpload(directory: string, id: string): Promise<void> {
  for (const name of [id, `${id}.json`]) await rm(join(directory, name), { force: true });
}
