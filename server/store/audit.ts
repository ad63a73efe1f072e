import { attempt } from './database.ts';
import { type AuditRow, Audits } from './device-models.ts';

export type AuditEntry = Omit<AuditRow, 'at'>;

/** Who asked for what, and what came of it; refusals above all. Kept for 400 days. */
export async function writeAudit(...entries: readonly AuditEntry[]): Promise<void> {
  const at = new Date();
  await attempt(() => Audits.insertMany(entries.map((entry) => ({ ...entry, at }))));
}

/** Newest first. */
export async function readAudit(filter: Partial<AuditEntry>, limit: number): Promise<AuditRow[]> {
  return attempt(() => Audits.find(filter, { _id: 0 }).sort({ at: -1 }).limit(limit).lean());
}

export async function countAudit(filter: Partial<AuditEntry>): Promise<number> {
  return attempt(() => Audits.countDocuments(filter));
}
