import { Id } from '../../../protocol/common.ts';
import { TongkeError } from '../../../protocol/errors.ts';
import { can, schoolsServed } from '../../../protocol/roles.ts';
import { subjectOf } from '../../auth/auth.ts';
import type { Updates } from '../../devices/updates.ts';
import { writeAudit } from '../../store/audit.ts';
import { findRooms } from '../../store/rooms.ts';
import type { RouteContext, RouteHandlers } from '../api.ts';
import { accountOf } from './lessons.ts';

type UpdateRoutes = 'update.list' | 'update.start' | 'update.halt' | 'update.return';

export function updateRoutes(updates: Updates): Pick<RouteHandlers, UpdateRoutes> {
  return {
    'update.list': async (context) => ({ now: Date.now(), ...(await updates.list(served(context))) }),

    'update.start': async (context, plan) => {
      const rooms = plan.waves.flatMap((wave) => ('rooms' in wave ? wave.rooms : []));
      await authoriseRooms(context, rooms);
      const id = await updates.start({ ...plan, by: accountOf(context).id, schools: served(context) });
      await audit(context, 'update.start', id);
      return { id };
    },

    'update.halt': async (context) => {
      const id = idOf(context);
      await updates.halt(id, served(context));
      await audit(context, 'update.halt', id);
      return {};
    },

    'update.return': async (context) => {
      const id = idOf(context);
      await updates.takeBack(id, served(context));
      await audit(context, 'update.return', id);
      return {};
    },
  };
}

/** The schools in which whoever asks may manage rooms: a roll-out is of these and no others. */
function served(context: RouteContext): string[] {
  const subject = subjectOf(accountOf(context));
  return schoolsServed(subject).filter((school) => can(subject, 'room.manage', { school }));
}

/** Rejects with `room_not_found` where one of them is none of the caller's, as for one that is not there. */
async function authoriseRooms(context: RouteContext, ids: readonly string[]): Promise<void> {
  const subject = subjectOf(accountOf(context));
  const found = await findRooms(ids);
  const all = new Set(ids).size === found.length;
  if (!all || found.some(({ school }) => !can(subject, 'room.manage', { school })))
    throw new TongkeError('room_not_found');
}

function idOf({ request }: RouteContext): string {
  const id = Id.safeParse(request.params.update);
  if (!id.success) throw new TongkeError('not_found');
  return id.data;
}

async function audit(context: RouteContext, action: string, target: string): Promise<void> {
  const { request } = context;
  await writeAudit({ actor: accountOf(context).id, action, target, outcome: 'ok', address: request.ip });
}
