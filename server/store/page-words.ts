import mongoose from 'mongoose';
import { attempt } from './database.ts';

/** What is written on a page that was brought, by the hash of the page's file: a drawing has its letters as outlines. */
interface PageWordsRow {
  _id: string;
  text: string;
}

const schema = new mongoose.Schema<PageWordsRow>(
  { _id: String, text: { type: String, required: true } },
  { versionKey: false },
);
const Words = mongoose.model('PageWords', schema, 'page_words');

export async function keepWords(sha256: string, text: string): Promise<void> {
  await attempt(() => Words.updateOne({ _id: sha256 }, { $set: { text } }, { upsert: true }));
}

/** Of a page from elsewhere: without effect where they are known. */
export async function bringWords(sha256: string, text: string): Promise<void> {
  await attempt(() => Words.updateOne({ _id: sha256 }, { $setOnInsert: { text } }, { upsert: true }));
}

/** Of those of these pages on which something is written, in no order. */
export async function wordsOn(files: readonly string[]): Promise<{ sha256: string; text: string }[]> {
  const rows = await attempt(() => Words.find({ _id: { $in: [...files] } }).lean());
  return rows.map(({ _id, text }) => ({ sha256: _id, text }));
}

export async function forgetWords(sha256: string): Promise<void> {
  await attempt(() => Words.deleteOne({ _id: sha256 }));
}
