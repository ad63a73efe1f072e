import { attempt } from './database.ts';
import { Settings } from './models.ts';

/** Facts about this installation, by name. */
export async function readSetting(name: string): Promise<string | null> {
  const row = await attempt(() => Settings.findById(name).lean());
  return row?.value ?? null;
}

export async function writeSetting(name: string, value: string): Promise<void> {
  await attempt(() => Settings.updateOne({ _id: name }, { $set: { value } }, { upsert: true }));
}
