import { TongkeError } from '../../../protocol/errors.ts';
import { type Auth, subjectOf } from '../../auth/auth.ts';
import type { Directory } from '../../devices/directory.ts';
import type { Fleet } from '../../devices/fleet.ts';
import { createRoom, newRoomId, type Pairing } from '../../devices/pairing.ts';
import { presentCommands, presentDevice } from '../../devices/presenter.ts';
import type { Proofs } from '../../devices/proofs.ts';
import { writeAudit } from '../../store/audit.ts';
import { createCommands, findResult, settleCommand } from '../../store/commands.ts';
import { readSeries, stepOf } from '../../store/device-series.ts';
import { changeKey, type DeviceRecord, findDevice } from '../../store/devices.ts';
import type { RouteContext, RouteHandlers } from '../api.ts';
import { authorise, authoriseRoom } from '../authorise.ts';
import { accountOf } from './lessons.ts';
import { roomOf } from './rooms.ts';

type DeviceRoutes = Pick<
  RouteHandlers,
  | 'device.challenge'
  | 'device.pair'
  | 'device.signIn'
  | 'device.enrol'
  | 'device.revoke'
  | 'device.command'
  | 'device.result'
  | 'device.show'
  | 'device.series'
>;

export interface DeviceRoutesOptions {
  readonly auth: Auth;
  readonly proofs: Proofs;
  readonly pairing: Pairing;
  readonly fleet: Fleet;
  readonly directory: Directory;
  /** Ends every connection of a device, the lessons' as well as its own. */
  readonly endDevice: (device: string) => void;
}

export function deviceRoutes(options: DeviceRoutesOptions): DeviceRoutes {
  const { auth, proofs, pairing, fleet, directory, endDevice } = options;
  return {
    'device.challenge': async () => ({ challenge: proofs.challenge() }),

    'device.pair': ({ request }, proof) => pairing.open(proof, request.ip ?? ''),

    'device.signIn': async ({ request }, proof) => {
      const device = await pairing.identify(proof, request.ip ?? '');
      if (!device) return { enrolled: null };
      return { enrolled: { account: await auth.signInDevice(request, device), device: device.id } };
    },

    'device.enrol': async (context, { code, room, replaces }) => {
      const account = accountOf(context);
      if ('id' in room) await authoriseRoom(subjectOf(account), 'room.manage', room.id);
      else authorise(subjectOf(account), 'room.manage', { school: room.school });
      // The code first: a room is not made for a code that nobody shows.
      const enrol = (id: string) => pairing.enrol(account.id, code, id, replaces);
      const { id, device } = await ('id' in room
        ? enrol(room.id).then((enrolled) => ({ id: room.id, device: enrolled }))
        : enrolInNew(room, enrol));
      if (replaces !== undefined) endDevice(device);
      directory.changed();
      await log(context, replaces === undefined ? 'device.enrol' : 'device.replace', device);
      return { room: id, device };
    },

    'device.revoke': async (context) => {
      const device = await deviceOf(context);
      await changeKey(device, null, new Date());
      endDevice(device.id);
      directory.changed();
      await log(context, 'device.revoke', device.id);
      return {};
    },

    'device.command': async (context, order) => {
      const device = await deviceOf(context);
      if (device.key === undefined) throw new TongkeError('device_revoked');
      if ((order.kind === 'choose') !== (order.choice !== undefined)) throw new TongkeError('bad_request');
      const [queued] = await createCommands([device.id], order, accountOf(context).id);
      if (!queued) throw new TongkeError('internal', 'a command was lost');
      const sent = fleet.command(device.id, { id: queued.id, ...order });
      // It may be done before this is written: then what is done stays so.
      const now = sent ? await settleCommand(queued.id, device.id, 'sent') : null;
      await log(context, `device.${order.kind}`, device.id);
      const [command] = await presentCommands([now ?? queued]);
      if (!command) throw new TongkeError('internal', 'a command was lost');
      return command;
    },

    'device.result': async (context) => {
      const device = await deviceOf(context);
      const { command } = context.request.params;
      const found = typeof command === 'string' ? await findResult(command, device.id) : null;
      if (!found) throw new TongkeError('not_found');
      await log(context, 'device.result', device.id);
      return found;
    },

    'device.show': async (context) => presentDevice(await deviceOf(context), fleet),

    'device.series': async (context, { span }) => {
      const { id } = await deviceOf(context);
      await fleet.flush();
      return { stepMs: stepOf(span), points: await readSeries(id, span, Date.now()) };
    },
  };
}

async function enrolInNew(
  room: Parameters<typeof createRoom>[0],
  enrol: (room: string) => Promise<string>,
): Promise<{ id: string; device: string }> {
  const id = newRoomId();
  const device = await enrol(id);
  await createRoom(room, id);
  return { id, device };
}

/** The device of a route with `:device`, in the room of the same route. */
async function deviceOf(context: RouteContext): Promise<DeviceRecord> {
  const { device: id } = context.request.params;
  const device = typeof id === 'string' ? await findDevice(id) : null;
  if (device?.room !== roomOf(context).id) throw new TongkeError('room_not_found');
  return device;
}

function log(context: RouteContext, action: string, target: string): Promise<void> {
  const { request } = context;
  return writeAudit({ actor: accountOf(context).id, action, target, outcome: 'ok', address: request.ip });
}
