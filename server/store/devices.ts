import type { Check, DeviceEvent, DeviceFacts, DeviceReport } from '../../protocol/devices.ts';
import { attempt, isDuplicateKey } from './database.ts';
import { type DeviceRow, Devices, Pairings, UsedChallenges } from './device-models.ts';
import { newId } from './models.ts';

export type DeviceRecord = Omit<DeviceRow, '_id'> & { readonly id: string };

/** Kept with each device; older ones make room. */
const EVENTS_KEPT = 100;
const CHECKS_KEPT = 100;
/** Enough to see that a room loses power again and again. */
const EVENTS_BRIEFLY = 10;

export async function findDevice(id: string): Promise<DeviceRecord | null> {
  const row = await attempt(() => Devices.findById(id).lean());
  return row && present(row);
}

export async function devicesOfRooms(rooms: readonly string[]): Promise<DeviceRecord[]> {
  const rows = await attempt(() => Devices.find({ room: { $in: rooms } }).lean());
  return rows.map(present);
}

/** Those in service, with no more than a list has a use for. */
export async function allDevicesBriefly(): Promise<(DeviceRecord & { readonly lastCheck?: Check })[]> {
  const brief = { formerKeys: 0, facts: 0, key: 0, page: 0 } as const;
  const newest = { events: { $slice: -EVENTS_BRIEFLY }, checks: { $slice: -1 } } as const;
  const rows = await attempt(() => Devices.find({ key: { $exists: true } }, { ...brief, ...newest }).lean());
  return rows.map((row) => ({ ...present(row), lastCheck: row.checks?.at(-1) }));
}

/** The device that a key belongs to, and whether the key is still good. */
export async function findDeviceByKey(key: string): Promise<{ device: DeviceRecord; good: boolean } | null> {
  const row = await attempt(() => Devices.findOne({ $or: [{ key }, { formerKeys: key }] }).lean());
  return row && { device: present(row), good: row.key === key };
}

export async function createDevice(room: string, key: string, now: Date): Promise<string> {
  const events: DeviceEvent[] = [{ at: now.getTime(), kind: 'enrolled' }];
  const row = { _id: newId('d'), room, key, formerKeys: [], enrolledAt: now, events, checks: [] };
  await attempt(() => Devices.insertOne(row));
  return row._id;
}

/** Takes a device's key away, or puts another in its place: what is known of the place in the room stays. */
export async function changeKey(device: DeviceRecord, key: string | null, now: Date): Promise<void> {
  const event: DeviceEvent = { at: now.getTime(), kind: key === null ? 'revoked' : 'replaced' };
  await attempt(() =>
    Devices.updateOne(
      { _id: device.id },
      {
        ...(key === null ? { $unset: { key: 1 } } : { $set: { key, enrolledAt: now } }),
        ...(device.key !== undefined && { $addToSet: { formerKeys: device.key } }),
        $push: { events: { $each: [event], $slice: -EVENTS_KEPT } },
      },
    ),
  );
}

export interface Arrival {
  readonly page: string;
  readonly facts: DeviceFacts;
  readonly upSince: Date;
  readonly event: DeviceEvent | null;
}

/** A device is there again. */
export async function recordArrival(id: string, { page, facts, upSince, event }: Arrival): Promise<void> {
  await attempt(() =>
    Devices.updateOne(
      { _id: id },
      {
        $set: { page, facts, upSince, seenAt: new Date(), saidGoodbye: false },
        ...(event && { $push: { events: { $each: [event], $slice: -EVENTS_KEPT } } }),
      },
    ),
  );
}

export interface Sighting {
  readonly seenAt: Date;
  readonly report?: DeviceReport;
  readonly saidGoodbye: boolean;
}

/** What was last heard of many devices, in one round trip. */
export async function recordSightings(sightings: ReadonlyMap<string, Sighting>): Promise<void> {
  if (sightings.size === 0) return;
  const writes = [...sightings].map(([id, { seenAt, report, saidGoodbye }]) => ({
    updateOne: { filter: { _id: id }, update: { $set: { seenAt, saidGoodbye, ...(report && { report }) } } },
  }));
  await attempt(() => Devices.bulkWrite(writes, { ordered: false }));
}

export async function addCheck(id: string, check: Check): Promise<void> {
  await attempt(() =>
    Devices.updateOne({ _id: id }, { $push: { checks: { $each: [check], $slice: -CHECKS_KEPT } } }),
  );
}

/** The code of a screen that waits to be paired: the same one as long as it is good. */
export async function openPairing(
  key: string,
  code: string,
  expiresAt: Date,
): Promise<{ code: string; expiresAt: Date } | null> {
  const now = new Date();
  await attempt(() => Pairings.deleteMany({ expiresAt: { $lte: now } }));
  const known = await attempt(() => Pairings.findOne({ key }).lean());
  if (known) return { code: known._id, expiresAt: known.expiresAt };
  try {
    await attempt(() => Pairings.insertOne({ _id: code, key, expiresAt }));
    return { code, expiresAt };
  } catch (error) {
    if (isDuplicateKey(error)) return null; // the same digits, or the same key at the same moment: try again
    throw error;
  }
}

/** The key behind a code, which with that is used up; null where there is none. */
export async function takePairing(code: string): Promise<string | null> {
  const row = await attempt(() =>
    Pairings.findOneAndDelete({ _id: code, expiresAt: { $gt: new Date() } }).lean(),
  );
  return row?.key ?? null;
}

export async function countPairings(): Promise<number> {
  return attempt(() => Pairings.countDocuments({ expiresAt: { $gt: new Date() } }));
}

/** False where this challenge was answered before. */
export async function spendChallenge(nonce: string, expiresAt: Date): Promise<boolean> {
  try {
    await attempt(() => UsedChallenges.insertOne({ _id: nonce, expiresAt }));
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}

/** A brief row lacks the lists. */
type Found = Omit<DeviceRow, 'formerKeys' | 'events' | 'checks'> & Partial<DeviceRow>;

function present({ _id, ...row }: Found): DeviceRecord {
  return {
    ...row,
    id: _id,
    formerKeys: row.formerKeys ?? [],
    events: row.events ?? [],
    checks: row.checks ?? [],
  };
}
