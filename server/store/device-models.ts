import mongoose from 'mongoose';
import type { Command, CommandResult, CommandState } from '../../protocol/device-commands.ts';
import type { Check, DeviceEvent, DeviceFacts, DeviceReport, RoomSettings } from '../../protocol/devices.ts';
import type { TimetableSeries } from '../../protocol/timetable.ts';

/*
 * Collections of rooms and devices. A room is its account (`models.ts`); what only its technician needs lies here.
 */

export interface RoomRow {
  /** The room's account. */
  _id: string;
  notes: string;
  settings: RoomSettings;
}

/** A place in a room that a screen fills: a new screen takes over the row, and with it the history. */
export interface DeviceRow {
  _id: string;
  room: string;
  /** The public key that is good; absent once revoked. */
  key?: string;
  /** Keys that are good no longer: whoever shows one is told so. */
  formerKeys: string[];
  enrolledAt: Date;
  facts?: DeviceFacts;
  /** The build of the pages that it is given; absent: the newest. */
  build?: string;
  report?: DeviceReport;
  seenAt?: Date;
  /** The opening of its page that was last heard, and since when it had been open. */
  page?: string;
  upSince?: Date;
  /** The last heartbeat ended with a goodbye. */
  saidGoodbye?: boolean;
  events: DeviceEvent[];
  /** Newest last, bounded. */
  checks: Check[];
}

export interface PairingRow {
  /** The eight digits. */
  _id: string;
  key: string;
  expiresAt: Date;
}

export interface UsedChallengeRow {
  _id: string;
  expiresAt: Date;
}

export interface CommandRow extends Omit<Command, 'id'> {
  _id: string;
  hasResult?: boolean;
  device: string;
  by: string;
  state: CommandState;
  at: Date;
  doneAt?: Date;
  detail?: string;
}

/** What a command brought. */
export interface CommandResultRow extends CommandResult {
  /** The command. */
  _id: string;
  device: string;
  at: Date;
}

/** Sums and counts by measure: `n` reports, then for each measure the sum and how many gave it. */
export type Bucket = Readonly<Record<string, number>>;

/** One stretch of a ring: see `store/device-series.ts`. */
export interface SeriesRow {
  /** `device:span:place` */
  _id: string;
  device: string;
  span: string;
  start: Date;
  buckets: Record<string, Bucket>;
}

export interface AuditRow {
  at: Date;
  /** Account or device, where one is known. */
  actor?: string;
  action: string;
  target?: string;
  /** `ok`, or the code of the refusal. */
  outcome: string;
  address?: string;
}

export interface TimetableRow extends Omit<TimetableSeries, 'id'> {
  _id: string;
  school: string;
}

const { Mixed } = mongoose.Schema.Types;
const text = { type: String, required: true } as const;
const when = { type: Date, required: true } as const;
const texts = { type: [String], required: true } as const;
/** Checked by the protocol's schema before it comes here. */
const checked = { type: Mixed, required: true } as const;
const options = { versionKey: false, minimize: false } as const;
/** MongoDB looks once a minute; whoever reads looks at the time as well. */
const atItsTime = { expireAfterSeconds: 0 } as const;

const roomSchema = new mongoose.Schema<RoomRow>(
  { _id: String, notes: { type: String, default: '' }, settings: checked },
  options,
);

const deviceSchema = new mongoose.Schema<DeviceRow>(
  {
    _id: String,
    room: { ...text, index: true },
    key: { type: String, unique: true, sparse: true },
    formerKeys: { ...texts, index: true },
    enrolledAt: when,
    facts: Mixed,
    build: String,
    report: Mixed,
    seenAt: Date,
    page: String,
    upSince: Date,
    saidGoodbye: Boolean,
    events: checked,
    checks: checked,
  },
  options,
);

const pairingSchema = new mongoose.Schema<PairingRow>(
  { _id: String, key: { ...text, unique: true }, expiresAt: { ...when, index: atItsTime } },
  options,
);

const usedChallengeSchema = new mongoose.Schema<UsedChallengeRow>(
  { _id: String, expiresAt: { ...when, index: atItsTime } },
  options,
);

const commandSchema = new mongoose.Schema<CommandRow>(
  {
    _id: String,
    device: text,
    kind: text,
    choice: Mixed,
    hasResult: Boolean,
    by: text,
    state: text,
    at: { ...when, index: { expireAfterSeconds: 90 * 86_400 } },
    doneAt: Date,
    detail: String,
  },
  options,
);
commandSchema.index({ device: 1, at: -1 });

const commandResultSchema = new mongoose.Schema<CommandResultRow>(
  {
    _id: String,
    device: text,
    type: text,
    data: text,
    at: { ...when, index: { expireAfterSeconds: 7 * 86_400 } },
  },
  options,
);

const seriesSchema = new mongoose.Schema<SeriesRow>(
  { _id: String, device: text, span: text, start: when, buckets: checked },
  options,
);
seriesSchema.index({ device: 1, span: 1 });

const auditSchema = new mongoose.Schema<AuditRow>(
  {
    at: { ...when, index: { expireAfterSeconds: 400 * 86_400 } },
    actor: String,
    action: text,
    target: String,
    outcome: text,
    address: String,
  },
  options,
);

const timetableSchema = new mongoose.Schema<TimetableRow>(
  {
    _id: String,
    school: { ...text, index: true },
    title: checked,
    course: text,
    lead: text,
    locals: texts,
    rooms: texts,
    weekday: { type: Number, required: true },
    at: { type: Number, required: true },
    minutes: { type: Number, required: true },
    from: text,
    until: text,
    everyWeeks: { type: Number, required: true },
    holidays: texts,
    moves: checked,
  },
  options,
);

export const Rooms = mongoose.model('Room', roomSchema, 'rooms');
export const Devices = mongoose.model('Device', deviceSchema, 'devices');
export const Pairings = mongoose.model('Pairing', pairingSchema, 'pairings');
export const UsedChallenges = mongoose.model('UsedChallenge', usedChallengeSchema, 'used_challenges');
export const Commands = mongoose.model('Command', commandSchema, 'device_commands');
export const CommandResults = mongoose.model('CommandResult', commandResultSchema, 'device_command_results');
export const Series = mongoose.model('Series', seriesSchema, 'device_series');
export const Audits = mongoose.model('Audit', auditSchema, 'audit');
export const Timetable = mongoose.model('Timetable', timetableSchema, 'timetable');
