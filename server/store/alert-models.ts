import mongoose from 'mongoose';
import type { AlertKind, AlertSettings } from '../../protocol/alerts.ts';
import type { Level } from '../../protocol/devices.ts';

export interface AlertRow {
  _id: string;
  room: string;
  school: string;
  kind: AlertKind;
  level: Level;
  since: Date;
  openedAt: Date;
  open: boolean;
  clearedAt?: Date;
  acknowledgedAt?: Date;
  acknowledgedBy?: string;
}

export type Channel = 'mail' | 'webhook';

/** One change of one alert, to be told to one person in one way. */
export interface NotificationRow {
  _id: string;
  alert: string;
  account: string;
  channel: Channel;
  change: 'opened' | 'cleared';
  at: Date;
  dueAt: Date;
  tries: number;
  state: 'waiting' | 'sent' | 'failed';
  /** Why the last try failed. */
  detail?: string;
}

export interface AlertSettingsRow extends AlertSettings {
  /** The account. */
  _id: string;
  secret?: string;
}

const { Mixed } = mongoose.Schema.Types;
const text = { type: String, required: true } as const;
const when = { type: Date, required: true } as const;
const options = { versionKey: false, minimize: false } as const;

const alertSchema = new mongoose.Schema<AlertRow>(
  {
    _id: String,
    room: text,
    school: { ...text, index: true },
    kind: text,
    level: text,
    since: when,
    openedAt: when,
    open: { type: Boolean, required: true },
    clearedAt: { type: Date, index: { expireAfterSeconds: 400 * 86_400 } },
    acknowledgedAt: Date,
    acknowledgedBy: String,
  },
  options,
);
// One open alert of a kind a room, whatever two writers believe.
alertSchema.index({ room: 1, kind: 1 }, { unique: true, partialFilterExpression: { open: true } });

const notificationSchema = new mongoose.Schema<NotificationRow>(
  {
    _id: String,
    alert: { ...text, index: true },
    account: text,
    channel: text,
    change: text,
    at: { ...when, index: { expireAfterSeconds: 30 * 86_400 } },
    dueAt: when,
    tries: { type: Number, required: true },
    state: text,
    detail: String,
  },
  options,
);
notificationSchema.index({ state: 1, dueAt: 1 });

const alertSettingsSchema = new mongoose.Schema<AlertSettingsRow>(
  {
    _id: String,
    mail: { type: [String], required: true },
    webhook: String,
    quiet: Mixed,
    least: text,
    secret: String,
  },
  options,
);

export const Alerts = mongoose.model('Alert', alertSchema, 'alerts');
export const Notifications = mongoose.model('Notification', notificationSchema, 'alert_notifications');
export const AlertSettingsOf = mongoose.model('AlertSettings', alertSettingsSchema, 'alert_settings');
