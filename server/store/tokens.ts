import { createHash } from 'node:crypto';
import mongoose from 'mongoose';
import type { Token, TokenScope } from '../../protocol/tokens.ts';
import { attempt } from './database.ts';
import { newId } from './models.ts';

interface TokenRow {
  _id: string;
  account: string;
  name: string;
  begins: string;
  /** SHA-256 of the secret, which has 256 random bits: nothing slower is needed. */
  hash: string;
  scopes: TokenScope[];
  createdAt: Date;
  expiresAt: Date;
  lastUsedAt?: Date;
}

const text = { type: String, required: true } as const;
const when = { type: Date, required: true } as const;
const tokenSchema = new mongoose.Schema<TokenRow>(
  {
    _id: String,
    account: { ...text, index: true },
    name: text,
    begins: text,
    hash: { ...text, unique: true },
    scopes: { type: [String], required: true },
    createdAt: when,
    expiresAt: { ...when, index: { expireAfterSeconds: 0 } },
    lastUsedAt: Date,
  },
  { versionKey: false },
);
const Tokens = mongoose.model('Token', tokenSchema, 'tokens');

/** Of one person: more would not be known apart. */
const MOST = 20;
/** How exactly it is known when a token was used last. */
const USED_MS = 60_000;

export interface NewToken {
  readonly account: string;
  readonly name: string;
  readonly secret: string;
  readonly scopes: readonly TokenScope[];
  readonly expiresAt: Date;
}

/** Null where the person has as many as one may have. */
export async function createToken({ secret, scopes, ...token }: NewToken): Promise<Token | null> {
  const { account } = token;
  if ((await attempt(() => Tokens.countDocuments({ account }))) >= MOST) return null;
  const row: TokenRow = {
    ...token,
    ...{ _id: newId('k'), scopes: [...scopes], hash: hashOf(secret), begins: secret.slice(0, 12) },
    createdAt: new Date(),
  };
  await attempt(() => Tokens.insertOne(row));
  return present(row);
}

export async function tokensOf(account: string): Promise<Token[]> {
  const alive = { account, expiresAt: { $gt: new Date() } };
  const rows = await attempt(() => Tokens.find(alive).sort({ createdAt: -1 }).lean());
  return rows.map(present);
}

/** False where that person has no such token. */
export async function deleteToken(account: string, id: string): Promise<boolean> {
  const { deletedCount } = await attempt(() => Tokens.deleteOne({ _id: id, account }));
  return deletedCount > 0;
}

/** Whose token this is, and what it is for; null where it is none, or over. */
export async function tokenUsed(secret: string): Promise<{ account: string; scopes: TokenScope[] } | null> {
  const now = new Date();
  const row = await attempt(() => Tokens.findOne({ hash: hashOf(secret), expiresAt: { $gt: now } }).lean());
  if (!row) return null;
  if (now.getTime() - (row.lastUsedAt?.getTime() ?? 0) > USED_MS) {
    await attempt(() => Tokens.updateOne({ _id: row._id }, { $set: { lastUsedAt: now } }));
  }
  return { account: row.account, scopes: row.scopes };
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

function present({ _id, name, begins, scopes, createdAt, expiresAt, lastUsedAt }: TokenRow): Token {
  return {
    ...{ id: _id, name, begins, scopes, createdAt: createdAt.getTime(), expiresAt: expiresAt.getTime() },
    lastUsedAt: lastUsedAt?.getTime() ?? null,
  };
}
