import type { RequestHandler } from 'express';
import { routes } from '../../protocol/api.ts';
import { TongkeError } from '../../protocol/errors.ts';
import { schoolsServed } from '../../protocol/roles.ts';
import type { Auth } from '../auth/auth.ts';
import { roomsAsCsv, seriesAsCsv } from '../devices/csv.ts';
import type { Directory } from '../devices/directory.ts';
import { readSeries } from '../store/device-series.ts';
import { findDevice } from '../store/devices.ts';
import { authorise, authoriseRoom } from './authorise.ts';

/** `/api/v1/rooms.csv`: what `room.list` shows, all of it, as a file. Takes the same query. */
export function roomsCsv(auth: Auth, directory: Directory): RequestHandler {
  return async (request, response) => {
    const subject = await auth.subjectOf(request);
    authorise(subject, 'room.list');
    const query = routes['room.list'].input.safeParse(request.query);
    if (!subject || !query.success) throw new TongkeError('bad_request');
    const everything = { ...query.data, from: 0, limit: Number.MAX_SAFE_INTEGER };
    const { rooms } = await directory.list(schoolsServed(subject), everything);
    send(response, 'rooms.csv', roomsAsCsv(rooms));
  };
}

/** `/api/v1/rooms/:room/devices/:device/series.csv`: what `device.series` gives, as a file. Takes the same query. */
export function seriesCsv(auth: Auth): RequestHandler {
  return async (request, response) => {
    const room = await authoriseRoom(await auth.subjectOf(request), 'room.manage', request.params.room);
    const query = routes['device.series'].input.safeParse(request.query);
    if (!query.success) throw new TongkeError('bad_request');
    const device = await findDevice(String(request.params.device));
    if (device?.room !== room.id) throw new TongkeError('room_not_found');
    const points = await readSeries(device.id, query.data.span, Date.now());
    send(response, `${query.data.span}.csv`, seriesAsCsv(points));
  };
}

function send(response: Parameters<RequestHandler>[1], name: string, text: string): void {
  response
    .type('text/csv; charset=utf-8')
    .set('Content-Disposition', `attachment; filename="${name}"`)
    .set('Cache-Control', 'no-store')
    .send(text);
}
