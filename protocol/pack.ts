import { z } from 'zod';
import { Sha256 } from './board-events.ts';
import { Id } from './common.ts';

/** One file that a lesson needs, to be fetched before it. `bytes` and `sha256` are of the file as it is unpacked. */
export const PackFile = z.object({
  /** Path on this server. */
  url: z.string(),
  sha256: Sha256,
  bytes: z.number().int().min(1),
  /** `page`: beneath a page of the board. `app`: of the application, letters among it. */
  kind: z.enum(['page', 'app']),
});
export type PackFile = z.infer<typeof PackFile>;

/** Everything that a lesson needs besides what is said and written in it, in the order in which it is wanted. */
export const Pack = z.object({ lesson: Id, files: z.array(PackFile) });
export type Pack = z.infer<typeof Pack>;

/** How much of a pack a device has, bytes. */
export const PackShare = z.object({ have: z.number().int().min(0), of: z.number().int().min(0) });
export type PackShare = z.infer<typeof PackShare>;
