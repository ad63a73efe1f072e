import { z } from 'zod';
import { Id, WallTime } from './common.ts';
import type { Permission } from './roles.ts';

/** What a program may do in the name of the person who made its token; never more than that person may. */
export const TokenScope = z.enum(['lessons.read', 'rooms.read', 'rooms.manage', 'timetable.manage']);
export type TokenScope = z.infer<typeof TokenScope>;

/** `reads`: only requests that change nothing. */
const SCOPES: Readonly<
  Record<TokenScope, { readonly reads: boolean; readonly permissions: readonly Permission[] }>
> = {
  'lessons.read': { reads: true, permissions: ['signed_in', 'lesson.attend', 'replay.watch'] },
  'rooms.read': { reads: true, permissions: ['room.list', 'room.manage'] },
  'rooms.manage': { reads: false, permissions: ['room.list', 'room.manage'] },
  'timetable.manage': { reads: false, permissions: ['timetable.manage'] },
};

/** By which token somebody asks, and whether this very request only reads. */
export interface TokenUse {
  readonly scopes: readonly TokenScope[];
  readonly reading: boolean;
}

export function tokenAllows({ scopes, reading }: TokenUse, permission: Permission): boolean {
  return scopes.some((scope) => {
    const { reads, permissions } = SCOPES[scope];
    return permissions.includes(permission) && (reading || !reads);
  });
}

/** The scopes that carry a permission, for whoever reads about a route. */
export function scopesFor(permission: Permission, reading: boolean): TokenScope[] {
  return TokenScope.options.filter((scope) => tokenAllows({ scopes: [scope], reading }, permission));
}

const TokenName = z.string().trim().min(1).max(80);

export const NewToken = z.object({
  name: TokenName,
  scopes: z.array(TokenScope).min(1).max(TokenScope.options.length),
  days: z.number().int().min(1).max(730),
});

export const Token = z.object({
  id: Id,
  name: z.string(),
  /** Its first characters: which one it is, where it was found. */
  begins: z.string(),
  scopes: z.array(TokenScope),
  createdAt: WallTime,
  expiresAt: WallTime,
  lastUsedAt: WallTime.nullable(),
});
export type Token = z.infer<typeof Token>;
