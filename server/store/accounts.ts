import type { Account } from '../../protocol/api.ts';
import type { Language, Localised } from '../../protocol/common.ts';
import { TongkeError } from '../../protocol/errors.ts';
import type { Role } from '../../protocol/roles.ts';
import { attempt, isDuplicateKey } from './database.ts';
import { type AccountRow, Accounts, newId, Schools } from './models.ts';

/** An account with what only sign-in needs. */
export interface Credentials {
  readonly id: string;
  readonly password: string;
  readonly demo: boolean;
}

export interface NewAccount {
  readonly id?: string;
  readonly username: string;
  /** As `auth/password.ts` writes it. */
  readonly password: string;
  readonly role: Role;
  readonly name: Localised;
  readonly school: string;
  readonly language?: Language;
  readonly demo?: boolean;
}

/** One spelling of a name, however it was typed: full-width letters and capitals are the same person. */
export function usernameKey(username: string): string {
  return username.normalize('NFKC').trim().toLowerCase();
}

export async function findCredentials(username: string): Promise<Credentials | null> {
  const row = await attempt(() => Accounts.findOne({ username: usernameKey(username) }).lean());
  return row && { id: row._id, password: row.password, demo: row.demo === true };
}

/** What others may know of an account; `demo` accounts are not found unless asked for. */
export async function findAccount(id: string, { demo }: { demo: boolean }): Promise<Account | null> {
  const row = await attempt(() => Accounts.findById(id).lean());
  if (!row || (row.demo && !demo)) return null;
  const school = await attempt(() => Schools.findById(row.school).lean());
  return school && present(row, school.name);
}

/** Rejects with `bad_request` where the name is taken. The id may be given where making it twice must make it once. */
export async function createAccount({ id = newId('a'), ...account }: NewAccount): Promise<string> {
  const row = { ...account, _id: id, username: usernameKey(account.username) };
  try {
    await attempt(() => Accounts.insertOne(row));
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    const same = await attempt(() => Accounts.exists({ _id: id, username: row.username }));
    if (!same) throw new TongkeError('bad_request', 'This user name is taken.');
  }
  return id;
}

/** Whether anyone but the demo's people has an account, or, with `demo`, anyone at all. */
export async function anyAccount({ demo }: { demo: boolean }): Promise<boolean> {
  const found = await attempt(() => Accounts.exists(demo ? {} : { demo: { $ne: true } }));
  return found !== null;
}

/** The accounts made by the demo, in the order they were made. */
export async function demoLogins(): Promise<{ username: string; role: Role; name: Localised }[]> {
  const rows = await attempt(() => Accounts.find({ demo: true }).sort({ $natural: 1 }).lean());
  return rows.map(({ username, role, name }) => ({ username, role, name }));
}

function present(row: AccountRow, school: Localised): Account {
  return {
    id: row._id,
    role: row.role,
    name: row.name,
    school: { id: row.school, name: school },
    language: row.language ?? undefined,
    serves: row.serves ?? undefined,
  };
}

/** What accounts are called; those that are gone are missing. */
export async function namesOf(ids: readonly string[]): Promise<Map<string, Localised>> {
  const rows = await attempt(() => Accounts.find({ _id: { $in: [...new Set(ids)] } }, { name: 1 }).lean());
  return new Map(rows.map(({ _id, name }) => [_id, name]));
}
