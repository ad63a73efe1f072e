import type { AlertSettings } from '../../protocol/alerts.ts';
import type { Role } from '../../protocol/roles.ts';
import {
  type AlertRow,
  AlertSettingsOf,
  type AlertSettingsRow,
  Alerts,
  type Channel,
  type NotificationRow,
  Notifications,
} from './alert-models.ts';
import { attempt, isDuplicateKey } from './database.ts';
import { Accounts, newId } from './models.ts';

export type AlertRecord = Omit<AlertRow, '_id'> & { readonly id: string };
export type Notification = Omit<NotificationRow, '_id'> & { readonly id: string };
export type OwnSettings = Omit<AlertSettingsRow, '_id'> & { readonly account: string };
export type { Channel } from './alert-models.ts';

const PAST_SHOWN = 200;
const PAST_MS = 30 * 86_400_000;

/** Null where it is open already. */
export async function openAlert(
  alert: Pick<AlertRow, 'room' | 'school' | 'kind' | 'level' | 'since'>,
): Promise<AlertRecord | null> {
  const row: AlertRow = { ...alert, _id: newId('n'), openedAt: new Date(), open: true };
  try {
    await attempt(() => Alerts.insertOne(row));
  } catch (error) {
    if (isDuplicateKey(error)) return null;
    throw error;
  }
  return present(row);
}

/** Null where it is not open. */
export async function clearAlert(room: string, kind: AlertRow['kind']): Promise<AlertRecord | null> {
  const change = { $set: { open: false, clearedAt: new Date() } };
  const row = await attempt(() =>
    Alerts.findOneAndUpdate({ room, kind, open: true }, change, { returnDocument: 'after' }).lean(),
  );
  return row && present(row);
}

/** False where that room has no such alert, or someone has it already. */
export async function acknowledgeAlert(room: string, id: string, by: string): Promise<boolean> {
  const change = { $set: { acknowledgedBy: by, acknowledgedAt: new Date() } };
  const filter = { _id: id, room, acknowledgedAt: { $exists: false } };
  const { modifiedCount } = await attempt(() => Alerts.updateOne(filter, change));
  return modifiedCount > 0;
}

export async function findAlert(room: string, id: string): Promise<AlertRecord | null> {
  const row = await attempt(() => Alerts.findOne({ _id: id, room }).lean());
  return row && present(row);
}

export async function openAlerts(schools?: readonly string[]): Promise<AlertRecord[]> {
  const filter = { open: true, ...(schools && { school: { $in: schools } }) };
  const rows = await attempt(() => Alerts.find(filter).sort({ openedAt: -1 }).lean());
  return rows.map(present);
}

export async function pastAlerts(schools: readonly string[]): Promise<AlertRecord[]> {
  const since = new Date(Date.now() - PAST_MS);
  const filter = { open: false, school: { $in: schools }, clearedAt: { $gte: since } };
  const rows = await attempt(() => Alerts.find(filter).sort({ clearedAt: -1 }).limit(PAST_SHOWN).lean());
  return rows.map(present);
}

export async function alertsById(ids: readonly string[]): Promise<Map<string, AlertRecord>> {
  const rows = await attempt(() => Alerts.find({ _id: { $in: ids } }).lean());
  return new Map(rows.map((row) => [row._id, present(row)]));
}

export async function readSettings(account: string): Promise<OwnSettings | null> {
  const row = await attempt(() => AlertSettingsOf.findById(account).lean());
  return row && presentSettings(row);
}

/** `secret`: of the webhook; kept as long as there is one. */
export async function writeSettings(
  account: string,
  settings: AlertSettings,
  secret: string | null,
): Promise<void> {
  const row = { ...settings, ...(secret !== null && { secret }) };
  await attempt(() => AlertSettingsOf.replaceOne({ _id: account }, row, { upsert: true }));
}

/** The settings of everyone who looks after rooms of this school. */
export async function settingsForSchool(school: string): Promise<OwnSettings[]> {
  const serving: Role[] = ['technician', 'administrator'];
  const accounts = await attempt(() =>
    Accounts.find({ role: { $in: serving }, $or: [{ school }, { serves: school }] }, { _id: 1 }).lean(),
  );
  const ids = accounts.map(({ _id }) => _id);
  const rows = await attempt(() => AlertSettingsOf.find({ _id: { $in: ids } }).lean());
  return rows.map(presentSettings);
}

export async function addNotifications(
  wanted: readonly { alert: string; account: string; channel: Channel; change: 'opened' | 'cleared' }[],
): Promise<void> {
  if (wanted.length === 0) return;
  const at = new Date();
  const rows = wanted.map((one) => ({
    ...{ ...one, _id: newId('n'), at, dueAt: at, tries: 0, state: 'waiting' as const },
  }));
  await attempt(() => Notifications.insertMany(rows));
}

export async function dueNotifications(now: Date): Promise<Notification[]> {
  const rows = await attempt(() =>
    Notifications.find({ state: 'waiting', dueAt: { $lte: now } })
      .sort({ at: 1 })
      .limit(1_000)
      .lean(),
  );
  return rows.map(({ _id, ...row }) => ({ ...row, id: _id }));
}

/** Takes back what was not sent yet; gives by whom and how it was not heard. */
export async function dropUnsent(alert: string): Promise<Pick<Notification, 'account' | 'channel'>[]> {
  const filter = { alert, state: 'waiting' as const, change: 'opened' as const };
  const rows = await attempt(() => Notifications.find(filter).lean());
  await attempt(() => Notifications.deleteMany({ _id: { $in: rows.map(({ _id }) => _id) } }));
  return rows.map(({ account, channel }) => ({ account, channel }));
}

/** Who was told that it had begun, and how. */
export async function toldOf(alert: string): Promise<Pick<Notification, 'account' | 'channel'>[]> {
  const rows = await attempt(() => Notifications.find({ alert, state: 'sent', change: 'opened' }).lean());
  return rows.map(({ account, channel }) => ({ account, channel }));
}

export async function settleNotifications(
  ids: readonly string[],
  change: Partial<Pick<NotificationRow, 'state' | 'dueAt' | 'tries' | 'detail'>>,
): Promise<void> {
  await attempt(() => Notifications.updateMany({ _id: { $in: ids } }, { $set: change }));
}

function present({ _id, ...row }: AlertRow): AlertRecord {
  return { ...row, id: _id };
}

function presentSettings({ _id, ...row }: AlertSettingsRow): OwnSettings {
  return { ...row, account: _id };
}
