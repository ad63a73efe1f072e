import type { Localised } from '../../protocol/common.ts';
import type { CommandRecord } from '../../protocol/device-commands.ts';
import type { DeviceDetail } from '../../protocol/devices.ts';
import { namesOf } from '../store/accounts.ts';
import { type CommandEntry, recentCommands } from '../store/commands.ts';
import type { DeviceRecord } from '../store/devices.ts';
import type { Fleet } from './fleet.ts';

const NOBODY: Localised = { 'zh-CN': '—' };

/** A device with its history, newest first. */
export async function presentDevice(device: DeviceRecord, fleet: Fleet): Promise<DeviceDetail> {
  const live = fleet.live(device.id);
  const commands = await presentCommands(await recentCommands(device.id));
  const online = live?.online === true;
  return {
    id: device.id,
    state: device.key === undefined ? 'revoked' : 'active',
    online,
    seenAt: live?.seenAt || (device.seenAt?.getTime() ?? null),
    upSince: online ? (device.upSince?.getTime() ?? null) : null,
    enrolledAt: device.enrolledAt.getTime(),
    facts: device.facts ?? null,
    report: live?.report ?? device.report ?? null,
    events: device.events.toReversed(),
    commands,
    checks: device.checks.toReversed(),
  };
}

export async function presentCommands(commands: readonly CommandEntry[]): Promise<CommandRecord[]> {
  const names = await namesOf(commands.map(({ by }) => by));
  return commands.map(({ id, kind, state, at, doneAt, detail, by, hasResult }) => ({
    ...{ id, kind, state, detail: detail ?? undefined, by: names.get(by) ?? NOBODY },
    at: at.getTime(),
    doneAt: doneAt?.getTime() ?? null,
    hasResult: hasResult === true,
  }));
}
