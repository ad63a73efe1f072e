import { z } from 'zod';
import { Id } from '../../../protocol/common.ts';
import { ErrorCode } from '../../../protocol/errors.ts';
import { Note, Question, Stretch } from '../../../protocol/watching.ts';

/** One's own in a lesson as it lies on this device. */

/** Where it lies: of this person, so that a shared device tells nobody of another. */
export const ownPrefix = (account: string): string => `own.${account}.`;

/** Whatever its length: that is for its form and the server to say, and what was written is not lost for it. */
const Text = z.string().min(1);
const place = { id: Id, t: z.number().int().min(0) };
const refused = { refused: ErrorCode.optional() };

/** What one did and the server may not have yet. */
export const Operation = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('note'), ...place, text: Text, ...refused }),
  z.object({ kind: z.literal('forget'), id: Id, ...refused }),
  z.object({ kind: z.literal('ask'), ...place, text: Text, ...refused }),
  z.object({ kind: z.literal('withdraw'), id: Id, ...refused }),
  z.object({ kind: z.literal('answer'), id: Id, text: Text, ...refused }),
]);
export type Operation = z.infer<typeof Operation>;

/** Those that can be read: one that cannot costs the others nothing. */
function readable<T>(one: z.ZodType<T>) {
  return z
    .array(z.unknown())
    .catch([])
    .transform((all) =>
      all.flatMap((each) => {
        const { success, data } = one.safeParse(each);
        return success ? [data] : [];
      }),
    );
}

export const Kept = z.object({
  /** `at`: when one was there, by this device's clock; 0 where an earlier version has not noted it. */
  position: z
    .object({ t: z.number(), at: z.number().default(0), sent: z.boolean() })
    .nullable()
    .catch(null),
  stretches: readable(Stretch),
  operations: readable(Operation),
  last: z.object({ watched: readable(Stretch), notes: readable(Note), questions: readable(Question) }),
});
export type Kept = z.infer<typeof Kept>;

export const NOTHING: Kept = {
  position: null,
  stretches: [],
  operations: [],
  last: { watched: [], notes: [], questions: [] },
};

export function readKept(text: string | null): Kept {
  if (text === null) return NOTHING;
  try {
    return Kept.safeParse(JSON.parse(text)).data ?? NOTHING;
  } catch {
    return NOTHING; // no JSON: nothing of ours
  }
}

/** Whether the server has all of what this text (see `Kept`) says one did. */
export function isAllSent(text: string): boolean {
  return readKept(text).operations.length === 0;
}
