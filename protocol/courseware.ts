import { z } from 'zod';
import { Id, WallTime } from './common.ts';
import { ErrorCode } from './errors.ts';

export { COURSEWARE_MOST_BYTES, COURSEWARE_MOST_PAGES } from './courseware-limits.ts';

/** A file that a teacher brings to a lesson, on its way to pages of the board. */
export const Courseware = z.object({
  id: Id,
  /** As the teacher's computer calls it: shown, and never a path. */
  name: z.string(),
  bytes: z.number().int(),
  /** Bytes that are here: sending goes on from there. */
  received: z.number().int(),
  /** `refused`: by what it is; `failed`: perhaps not, if tried again. */
  state: z.enum(['arriving', 'waiting', 'working', 'ready', 'refused', 'failed']),
  problem: ErrorCode.nullable(),
  /** Pages made, of those there will be; null until that is known. */
  pages: z.number().int(),
  of: z.number().int().nullable(),
  addedAt: WallTime,
});
export type Courseware = z.infer<typeof Courseware>;
