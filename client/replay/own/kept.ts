import { z } from 'zod';
import { Id } from '../../../protocol/common.ts';
import { ErrorCode } from '../../../protocol/errors.ts';
import { Note, NoteText, Question, QuestionText, Stretch } from '../../../protocol/watching.ts';

/** One's own in a lesson as it lies on this device. */

/** Where it lies: of this person, so that a shared device tells nobody of another. */
export const ownPrefix = (account: string): string => `own.${account}.`;

const place = { id: Id, t: z.number().int().min(0) };
const refused = { refused: ErrorCode.optional() };

/** What one did and the server may not have yet. */
export const Operation = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('note'), ...place, text: NoteText, ...refused }),
  z.object({ kind: z.literal('forget'), id: Id, ...refused }),
  z.object({ kind: z.literal('ask'), ...place, text: QuestionText, ...refused }),
  z.object({ kind: z.literal('withdraw'), id: Id, ...refused }),
  z.object({ kind: z.literal('answer'), id: Id, text: QuestionText, ...refused }),
]);
export type Operation = z.infer<typeof Operation>;

export const Kept = z.object({
  position: z.object({ t: z.number(), sent: z.boolean() }).nullable(),
  stretches: z.array(Stretch),
  operations: z.array(Operation),
  last: z.object({ watched: z.array(Stretch), notes: z.array(Note), questions: z.array(Question) }),
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
