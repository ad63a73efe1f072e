import type { Localised } from '../../protocol/common.ts';
import type { RoomSettings } from '../../protocol/devices.ts';
import { attempt } from './database.ts';
import { Rooms } from './device-models.ts';
import { Accounts, Lessons, Schools } from './models.ts';

/** A room as its technician sees it. */
export interface RoomRecord {
  readonly id: string;
  readonly name: Localised;
  readonly school: string;
  readonly notes: string;
  readonly settings: RoomSettings;
}

export const DEFAULT_SETTINGS: RoomSettings = { ceilingKbps: null, volume: 1 };

export async function findRoom(id: string): Promise<RoomRecord | null> {
  return (await findRooms([id]))[0] ?? null;
}

/** Those that are there, in no order. */
export async function findRooms(ids: readonly string[]): Promise<RoomRecord[]> {
  const [accounts, rows] = await attempt(() =>
    Promise.all([
      Accounts.find({ _id: { $in: ids }, role: 'room' }).lean(),
      Rooms.find({ _id: { $in: ids } }).lean(),
    ]),
  );
  const rooms = new Map(rows.map((row) => [row._id, row]));
  return accounts.map(({ _id, name, school }) => ({
    ...{ id: _id, name, school, notes: rooms.get(_id)?.notes ?? '' },
    settings: { ...DEFAULT_SETTINGS, ...rooms.get(_id)?.settings },
  }));
}

export interface RoomChange {
  readonly name?: Localised;
  readonly notes?: string;
  readonly settings?: RoomSettings;
}

export async function updateRoom(id: string, { name, ...rest }: RoomChange): Promise<void> {
  if (name) await attempt(() => Accounts.updateOne({ _id: id, role: 'room' }, { $set: { name } }));
  const change = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  if (Object.keys(change).length === 0) return;
  const defaults = { notes: '', settings: DEFAULT_SETTINGS };
  const missing = Object.fromEntries(Object.entries(defaults).filter(([key]) => !(key in change)));
  await attempt(() =>
    Rooms.updateOne({ _id: id }, { $set: change, $setOnInsert: missing }, { upsert: true }),
  );
}

/** Every room there is, by its bare facts. */
export async function allRooms(): Promise<{ id: string; name: Localised; school: string }[]> {
  const rows = await attempt(() => Accounts.find({ role: 'room' }, { name: 1, school: 1 }).lean());
  return rows.map(({ _id, name, school }) => ({ id: _id, name, school }));
}

export async function allSchools(): Promise<{ id: string; name: Localised }[]> {
  const rows = await attempt(() => Schools.find({}, { name: 1 }).lean());
  return rows.map(({ _id, name }) => ({ id: _id, name }));
}

/** What schools are called; those that are gone are missing. */
export async function schoolNames(ids: readonly string[]): Promise<Map<string, Localised>> {
  const rows = await attempt(() => Schools.find({ _id: { $in: [...new Set(ids)] } }, { name: 1 }).lean());
  return new Map(rows.map(({ _id, name }) => [_id, name]));
}

export interface RoomLesson {
  readonly id: string;
  readonly title: Localised;
  readonly rooms: readonly string[];
  readonly startsAt: number;
  readonly live: boolean;
}

/** Lessons that are live, or begin in [from, to); soonest first. */
export async function lessonsOfRooms(from: Date, to: Date): Promise<RoomLesson[]> {
  const filter = {
    $or: [{ state: 'live' as const }, { state: 'ready' as const, startsAt: { $gte: from, $lt: to } }],
  };
  const fields = { title: 1, rooms: 1, startsAt: 1, state: 1 };
  const rows = await attempt(() => Lessons.find(filter, fields).sort({ startsAt: 1 }).lean());
  return rows.map(({ _id, title, rooms, startsAt, state }) => ({
    id: _id,
    title,
    rooms,
    startsAt: startsAt.getTime(),
    live: state === 'live',
  }));
}

/** Makes these accounts look after these schools too. */
export async function serveSchools(accounts: readonly string[], schools: readonly string[]): Promise<void> {
  await attempt(() => Accounts.updateMany({ _id: { $in: accounts } }, { $set: { serves: [...schools] } }));
}
