import { TongkeError } from '../../../protocol/errors.ts';
import { schoolsServed } from '../../../protocol/roles.ts';
import { subjectOf } from '../../auth/auth.ts';
import type { Directory } from '../../devices/directory.ts';
import type { Fleet } from '../../devices/fleet.ts';
import { presentDevice } from '../../devices/presenter.ts';
import type { Lessons } from '../../lessons/lessons.ts';
import { writeAudit } from '../../store/audit.ts';
import { devicesOfRooms } from '../../store/devices.ts';
import { type RoomRecord, updateRoom } from '../../store/rooms.ts';
import type { RouteContext, RouteHandlers } from '../api.ts';
import { accountOf } from './lessons.ts';

export interface RoomRoutesOptions {
  readonly fleet: Fleet;
  readonly directory: Directory;
  readonly lessons: Pick<Lessons, 'ceilings'>;
}

export function roomRoutes({
  fleet,
  directory,
  lessons,
}: RoomRoutesOptions): Pick<RouteHandlers, 'room.list' | 'room.show' | 'room.update'> {
  return {
    'room.list': async (context, query) => ({
      now: Date.now(),
      ...(await directory.list(schoolsServed(subjectOf(accountOf(context))), query)),
    }),

    'room.show': async (context) => {
      const { id, notes, settings } = roomOf(context);
      const [summary, devices] = await Promise.all([directory.summary(id), devicesOfRooms([id])]);
      if (!summary) throw new TongkeError('room_not_found');
      const shown = await Promise.all(devices.map((device) => presentDevice(device, fleet)));
      return { now: Date.now(), room: { ...summary, notes, settings, devices: shown } };
    },

    'room.update': async (context, { name, notes, settings: change }) => {
      const room = roomOf(context);
      const settings = change && { ...room.settings, ...change };
      await updateRoom(room.id, {
        name: name === undefined ? undefined : { 'zh-CN': name },
        notes,
        settings,
      });
      directory.changed();
      if (settings) {
        await lessons.ceilings.changed();
        for (const { id } of await devicesOfRooms([room.id])) fleet.tell(id, { type: 'settings', settings });
      }
      const { request } = context;
      const actor = accountOf(context).id;
      const entry = { actor, target: room.id, outcome: 'ok', address: request.ip };
      await writeAudit({ ...entry, action: 'room.update' });
      // What a whole class may see: by itself, so that it is found again.
      const { allowed } = change ?? {};
      if (allowed !== undefined && allowed !== (room.settings.allowed ?? 'all'))
        await writeAudit({ ...entry, action: `room.allow.${allowed}` });
      return {};
    },
  };
}

/** The room of a route with `:room`. */
export function roomOf({ room }: RouteContext): RoomRecord {
  if (!room) throw new TongkeError('room_not_found');
  return room;
}
