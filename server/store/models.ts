import { randomBytes } from 'node:crypto';
import mongoose from 'mongoose';
import type { Ceiling } from '../../protocol/ceilings.ts';
import type { Language, Localised } from '../../protocol/common.ts';
import type { Audience } from '../../protocol/replay-edit.ts';
import type { Role } from '../../protocol/roles.ts';
import type { StorageRules } from '../../protocol/storage-rules.ts';
import type { LessonRecord } from '../lessons/record.ts';

/*
 * The collections, as they lie in the database. Ids are texts of our own making, so that they can go over the wire
 * and into logs as they are. Nothing outside this folder sees these shapes.
 */

export interface SchoolRow {
  _id: string;
  name: Localised;
  /** The county it belongs to. */
  region: Localised;
  /** `hub` teaches others; `village` receives. */
  kind: 'hub' | 'village';
  /** What its line may be asked to carry. */
  ceiling?: Ceiling | null;
  /** How long it keeps its replays; absent: for ever. */
  storage?: StorageRules;
}

/** A person, or a room's device: whoever signs in. */
export interface AccountRow {
  _id: string;
  /** As compared: see `usernameKey`. */
  username: string;
  password: string;
  role: Role;
  name: Localised;
  school: string;
  language?: Language;
  /** Further schools that a technician or administrator looks after. */
  serves?: string[];
  /** Made by the demo, with a password that everyone knows: worth nothing when the demo is off. */
  demo?: boolean;
}

export interface CourseRow {
  _id: string;
  name: Localised;
  subject: string;
  grade: number;
  school: string;
}

/** Students who take a course together. */
export interface ClassRow {
  _id: string;
  course: string;
  name: Localised;
  students: string[];
}

export interface LessonRow {
  _id: string;
  title: Localised;
  course: string;
  lead: string;
  locals: string[];
  /** Accounts of receiving rooms. */
  rooms: string[];
  classes: string[];
  startsAt: Date;
  endsAt: Date;
  state: LessonRecord['state'];
  /** Who may watch it once it is over; absent: those it concerns. */
  audience?: Audience;
  /** Lessons whose replays are shown with it. */
  before?: string[];
  /** Of a lesson that was taught elsewhere and brought here: what is not in our own collections. */
  brought?: {
    teacher: Localised;
    course: Localised;
    school: Localised;
    /** The school here that took it in. */
    into: string;
    /** SHA-256 of the package's manifest. */
    package: string;
    /** When that was made; absent of those taken in before this was noted. */
    madeAt?: number;
    /** When it was taken in, as its times of keeping go; absent likewise. */
    takenAt?: Date;
  };
  /** When the newest package of it was made; outlives that. */
  packagedAt?: number;
  /** Of what two it was made, after they were taught. */
  merged?: string[];
  /** How much later the second's lesson time is in it, ms. */
  mergedShift?: number;
  /** Its own lesson time at which the second begins, ms. */
  mergedAt?: number;
  /** It is still being made. */
  merging?: boolean;
  /** Lessons whose boards it goes on with, and those that they went on with. */
  boards?: string[];
  /** Its replay is deleted; `left`: something of it is still to be removed. */
  deletion?: { at: Date; left: boolean };
}

export interface SettingRow {
  _id: string;
  value: string;
}

const { Mixed } = mongoose.Schema.Types;
const text = { type: String, required: true } as const;
const texts = { type: [String], required: true } as const;
const when = { type: Date, required: true } as const;
/** Checked by the protocol's schema before it comes here. */
const localised = { type: Mixed, required: true } as const;
const options = { versionKey: false, minimize: false } as const;

const schoolSchema = new mongoose.Schema<SchoolRow>(
  { _id: String, name: localised, region: localised, kind: text, ceiling: Mixed, storage: Mixed },
  options,
);

const accountSchema = new mongoose.Schema<AccountRow>(
  {
    _id: String,
    username: { ...text, unique: true },
    password: text,
    role: text,
    name: localised,
    school: { ...text, index: true },
    language: String,
    serves: { type: [String], default: undefined },
    demo: Boolean,
  },
  options,
);

const courseSchema = new mongoose.Schema<CourseRow>(
  { _id: String, name: localised, subject: text, grade: { type: Number, required: true }, school: text },
  options,
);

const classSchema = new mongoose.Schema<ClassRow>(
  { _id: String, course: { ...text, index: true }, name: localised, students: { ...texts, index: true } },
  options,
);

const lessonSchema = new mongoose.Schema<LessonRow>(
  {
    _id: String,
    title: localised,
    course: text,
    lead: text,
    locals: texts,
    rooms: texts,
    classes: texts,
    startsAt: { ...when, index: true },
    endsAt: when,
    state: { ...text, index: true },
    audience: String,
    before: { type: [String], default: undefined },
    brought: { type: Mixed, default: undefined },
    packagedAt: { type: Number, default: undefined },
    merged: { type: [String], default: undefined },
    boards: { type: [String], default: undefined },
    mergedShift: Number,
    mergedAt: Number,
    merging: Boolean,
    deletion: { type: Mixed, default: undefined },
  },
  options,
);

const settingSchema = new mongoose.Schema<SettingRow>({ _id: String, value: text }, options);

export const Schools = mongoose.model('School', schoolSchema, 'schools');
export const Accounts = mongoose.model('Account', accountSchema, 'accounts');
export const Courses = mongoose.model('Course', courseSchema, 'courses');
export const Classes = mongoose.model('Class', classSchema, 'classes');
export const Lessons = mongoose.model('Lesson', lessonSchema, 'lessons');
export const Settings = mongoose.model('Setting', settingSchema, 'settings');

/** A new id: 80 random bits behind a letter that says what it names. */
export function newId(letter: string): string {
  return letter + randomBytes(10).toString('hex');
}
