import mongoose from 'mongoose';
import type { PackShare } from '../../protocol/pack.ts';
import { attempt } from './database.ts';

/** What a device of somebody has of a lesson's pack; forgotten when the lesson is long over. */
interface PackRow {
  /** Lesson and account. */
  _id: string;
  lesson: string;
  account: string;
  have: number;
  of: number;
  at: Date;
}

const FORGET_AFTER_S = 30 * 24 * 3_600;

const text = { type: String, required: true } as const;
const number = { type: Number, required: true } as const;
const schema = new mongoose.Schema<PackRow>(
  {
    ...{ _id: String, lesson: { ...text, index: true }, account: text, have: number, of: number },
    at: { type: Date, required: true, expires: FORGET_AFTER_S },
  },
  { versionKey: false },
);
const Packs = mongoose.model('Pack', schema, 'packs');

/** Ids hold no colon, so that no two of these are the same. */
const key = (lesson: string, account: string): string => `${lesson}:${account}`;

export async function reportPack(lesson: string, account: string, share: PackShare): Promise<void> {
  const row = { lesson, account, ...share, at: new Date() };
  await attempt(() => Packs.updateOne({ _id: key(lesson, account) }, { $set: row }, { upsert: true }));
}

export async function packOf(lesson: string, account: string): Promise<PackShare | null> {
  const row = await attempt(() => Packs.findById(key(lesson, account)).lean());
  return row && { have: row.have, of: row.of };
}

export async function forgetPacks(lesson: string): Promise<void> {
  await attempt(() => Packs.deleteMany({ lesson }));
}
