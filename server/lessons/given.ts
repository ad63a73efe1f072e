import type { Presence } from '../../protocol/lesson.ts';
import type { LinkChoice, Rung } from '../../protocol/link.ts';

/** What the log says of somebody's link. */
export interface Given {
  readonly rung: Rung | undefined;
  readonly ceilingKbps: number | null;
  readonly allowed: LinkChoice;
}

export function givenTo({ rung, ceilingKbps, allowed }: Presence): Given {
  return { rung, ceilingKbps: ceilingKbps ?? null, allowed: allowed ?? 'all' };
}

export function sameGiven(a: Given, b: Given): boolean {
  return a.rung === b.rung && a.ceilingKbps === b.ceilingKbps && a.allowed === b.allowed;
}
