import { setTimeout as delay } from 'node:timers/promises';
import { TongkeError } from '../../../protocol/errors.ts';
import { can } from '../../../protocol/roles.ts';
import { subjectOf } from '../../auth/auth.ts';
import type { Directory } from '../../devices/directory.ts';
import type { Fleet } from '../../devices/fleet.ts';
import type { Lessons } from '../../lessons/lessons.ts';
import type { Log } from '../../log.ts';
import { writeAudit } from '../../store/audit.ts';
import { type CommandEntry, createCommands, settleCommand } from '../../store/commands.ts';
import { devicesOfRooms } from '../../store/devices.ts';
import { findRooms, updateRoom } from '../../store/rooms.ts';
import type { RouteContext, RouteHandlers } from '../api.ts';
import { accountOf } from './lessons.ts';

/** A check measures the link: two thousand at once would be the very trouble they look for. */
const A_SECOND = 20;
/** Rooms written side by side. */
const AT_ONCE = 50;

export interface FleetRoutesOptions {
  readonly fleet: Fleet;
  readonly directory: Directory;
  readonly lessons: Pick<Lessons, 'ceilings'>;
  readonly log: Log;
}

export function fleetRoutes({
  fleet,
  directory,
  lessons,
  log,
}: FleetRoutesOptions): Pick<RouteHandlers, 'fleet.command' | 'fleet.settings'> {
  return {
    'fleet.command': async (context, { rooms, kind }) => {
      await authoriseRooms(context, rooms);
      const devices = (await devicesOfRooms(rooms)).filter(({ key }) => key !== undefined);
      const ids = devices.map(({ id }) => id);
      const commands = await createCommands(ids, { kind }, accountOf(context).id);
      const here = commands.filter(({ device }) => fleet.live(device)?.online === true);
      tellFew(fleet, here).catch((error: unknown) =>
        log.warn({ err: error }, 'commands were not told; devices get them when they come back'),
      );
      await audit(context, `fleet.${kind}`, rooms);
      return { devices: commands.length, away: commands.length - here.length };
    },

    'fleet.settings': async (context, { rooms, settings: change }) => {
      const found = await authoriseRooms(context, rooms);
      for (let i = 0; i < found.length; i += AT_ONCE) {
        const some = found.slice(i, i + AT_ONCE);
        await Promise.all(
          some.map((room) => updateRoom(room.id, { settings: { ...room.settings, ...change } })),
        );
      }
      directory.changed();
      await lessons.ceilings.changed();
      const settings = new Map(found.map((room) => [room.id, { ...room.settings, ...change }]));
      for (const { id, room } of await devicesOfRooms(rooms)) {
        const own = settings.get(room);
        if (own) fleet.tell(id, { type: 'settings', settings: own });
      }
      await audit(context, 'fleet.settings', rooms);
      return { rooms: found.length };
    },
  };
}

/** Rejects with `room_not_found` where one of them is none of the caller's, as for one that is not there. */
async function authoriseRooms(context: RouteContext, ids: readonly string[]) {
  const subject = subjectOf(accountOf(context));
  const found = await findRooms(ids);
  const all = new Set(ids).size === found.length;
  if (!all || found.some(({ school }) => !can(subject, 'room.manage', { school }))) {
    throw new TongkeError('room_not_found');
  }
  return found;
}

async function tellFew(fleet: Fleet, commands: readonly CommandEntry[]): Promise<void> {
  for (let i = 0; i < commands.length; i += A_SECOND) {
    if (i > 0) await delay(1_000, undefined, { ref: false });
    for (const { id, kind, device } of commands.slice(i, i + A_SECOND)) {
      if (fleet.command(device, { id, kind })) await settleCommand(id, device, 'sent');
    }
  }
}

/** A line a room: whoever looks for what happened to one finds it there. */
async function audit(context: RouteContext, action: string, rooms: readonly string[]): Promise<void> {
  const { request } = context;
  const actor = accountOf(context).id;
  const entry = { actor, action, outcome: 'ok', address: request.ip };
  await writeAudit(...rooms.map((target) => ({ ...entry, target })));
}
