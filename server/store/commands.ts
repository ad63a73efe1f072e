import type { CommandResult, CommandState, Order } from '../../protocol/device-commands.ts';
import { attempt, unlessThere } from './database.ts';
import { CommandResults, type CommandRow, Commands } from './device-models.ts';
import { newId } from './models.ts';

export type CommandEntry = Omit<CommandRow, '_id'> & { readonly id: string };

/** In a history that is shown; all are kept for 90 days. */
const COMMANDS_SHOWN = 30;
/** A command that waited longer would surprise the room it reaches. */
const COMMAND_LIFE_MS = 24 * 3_600_000;

/** The same command for each of these devices, waiting. */
export async function createCommands(
  devices: readonly string[],
  { kind, choice }: Order,
  by: string,
): Promise<CommandEntry[]> {
  const at = new Date();
  const rows = devices.map((device): CommandRow => {
    const row = { _id: newId('m'), device, kind, by, state: 'queued', at } as const;
    return choice === undefined ? row : { ...row, choice };
  });
  if (rows.length > 0) await attempt(() => Commands.insertMany(rows));
  return rows.map(present);
}

export async function settleCommand(
  id: string,
  device: string,
  state: CommandState,
  detail?: string,
): Promise<CommandEntry | null> {
  const final = state === 'done' || state === 'failed';
  const row = await attempt(() =>
    Commands.findOneAndUpdate(
      { _id: id, device, state: { $in: ['queued', 'sent'] } },
      { $set: { state, ...(final && { doneAt: new Date() }), ...(detail !== undefined && { detail }) } },
      { returnDocument: 'after' },
    ).lean(),
  );
  return row && present(row);
}

/** Keeps what a command brought, before it is called done; of a command that waits for it, and of no other. */
export async function keepResult(id: string, device: string, result: CommandResult): Promise<void> {
  const waiting = { _id: id, device, state: { $in: ['queued', 'sent'] as CommandState[] } };
  const row = await attempt(() => Commands.findOneAndUpdate(waiting, { $set: { hasResult: true } }).lean());
  if (row) await unlessThere(() => CommandResults.insertOne({ ...result, _id: id, device, at: new Date() }));
}

export async function findResult(id: string, device: string): Promise<CommandResult | null> {
  const row = await attempt(() => CommandResults.findOne({ _id: id, device }).lean());
  return row && { type: row.type, data: row.data };
}

/** What a device has not done yet, oldest first; what waited too long is given up. */
export async function waitingCommands(device: string): Promise<CommandEntry[]> {
  const waiting = { device, state: { $in: ['queued', 'sent'] as CommandState[] } };
  const tooOld = new Date(Date.now() - COMMAND_LIFE_MS);
  await attempt(() =>
    Commands.updateMany({ ...waiting, at: { $lt: tooOld } }, { $set: { state: 'expired' } }),
  );
  const rows = await attempt(() => Commands.find(waiting).sort({ at: 1 }).lean());
  return rows.map(present);
}

export async function recentCommands(device: string): Promise<CommandEntry[]> {
  const rows = await attempt(() => Commands.find({ device }).sort({ at: -1 }).limit(COMMANDS_SHOWN).lean());
  return rows.map(present);
}

function present({ _id, ...row }: CommandRow): CommandEntry {
  return { ...row, id: _id };
}
