import type { IncomingMessage } from 'node:http';

/** So that one that was published by mistake is recognised by those who look for such things. */
export const TOKEN_PREFIX = 'tongke_';

/** What a program shows as `Authorization: Bearer …`; null: it is no program, and a cookie says who asks. */
export function bearerOf(request: IncomingMessage): string | null {
  return /^Bearer\s+(\S.{0,199})$/i.exec(request.headers.authorization ?? '')?.[1] ?? null;
}
