import type { RequestHandler } from 'express';
import { z } from 'zod';
import { Id } from '../../protocol/common.ts';
import { TongkeError } from '../../protocol/errors.ts';
import { can } from '../../protocol/roles.ts';
import { type Auth, subjectOf } from '../auth/auth.ts';
import type { Uploads } from '../courseware/uploads.ts';
import { sendAnswer } from '../http/answer.ts';
import { PACKAGE_BYTES } from './unpack.ts';

const Asked = z.object({ upload: z.string().regex(/^[0-9a-f]{32}$/) });
/** Bytes that the sender believes to be here, and how many there are in all. */
const Sent = z.object({
  from: z.coerce.number().int().min(0),
  bytes: z.coerce.number().int().min(1).max(PACKAGE_BYTES),
});

/** The name of an upload on the disk: its sender's, so that nobody adds to somebody else's. */
export function uploadName(account: string, upload: string): string {
  return `${Id.parse(account)}.${upload}`;
}

/**
 * `/courier/uploads/:upload`: GET says how much of a package is here, PATCH adds what comes behind that, and says it again. The
 * sender makes the id up, and goes on with it after a broken line or a reload.
 */
export function courierUploads(auth: Auth, uploads: Uploads): RequestHandler {
  return async (request, response) => {
    const account = await auth.accountOf(request);
    if (!auth.originAllowed(request)) throw new TongkeError('forbidden');
    if (!account || !can(subjectOf(account), 'courier.manage'))
      throw new TongkeError(account ? 'forbidden' : 'not_signed_in');
    const asked = Asked.safeParse(request.params);
    if (!asked.success) throw new TongkeError('bad_request');
    const name = uploadName(account.id, asked.data.upload);
    let received = await uploads.received(name);
    if (request.method === 'PATCH') {
      const sent = Sent.safeParse(request.query);
      if (!sent.success) throw new TongkeError('bad_request');
      received = await uploads.receive(name, sent.data.from, sent.data.bytes, request);
    }
    response.set('Cache-Control', 'no-store');
    await sendAnswer(request, response, { ok: true, data: { received } });
  };
}
