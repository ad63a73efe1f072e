import type { RequestHandler } from 'express';
import { routes } from '../../protocol/api.ts';
import { TongkeError } from '../../protocol/errors.ts';
import { schoolsServed } from '../../protocol/roles.ts';
import { type Auth, subjectOf } from '../auth/auth.ts';
import { roomsAsCsv } from '../devices/csv.ts';
import type { Directory } from '../devices/directory.ts';
import { authorise } from './authorise.ts';

/** `/api/v1/rooms.csv`: what `room.list` shows, all of it, as a file. Takes the same query. */
export function roomsCsv(auth: Auth, directory: Directory): RequestHandler {
  return async (request, response) => {
    const account = await auth.accountOf(request);
    const subject = account && subjectOf(account);
    authorise(subject, 'room.list');
    const query = routes['room.list'].input.safeParse(request.query);
    if (!subject || !query.success) throw new TongkeError('bad_request');
    const everything = { ...query.data, from: 0, limit: Number.MAX_SAFE_INTEGER };
    const { rooms } = await directory.list(schoolsServed(subject), everything);
    response
      .type('text/csv; charset=utf-8')
      .set('Content-Disposition', 'attachment; filename="rooms.csv"')
      .set('Cache-Control', 'no-store')
      .send(roomsAsCsv(rooms));
  };
}
