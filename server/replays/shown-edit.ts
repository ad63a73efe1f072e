import { type Hidden, placeOf, type ReplayEdit } from '../../protocol/replay-edit.ts';
import { mergedOf, type PlaceInWhole, partsOf } from '../store/lessons.ts';
import { findEdit, type SavedEdit, saveEdit } from '../store/replays.ts';

/** What was hidden stays for the administrator, and for a change of mind, this long: a month of school. */
export const KEPT_MS = 30 * 86_400_000;

/**
 * What is shown of a lesson. What the parts of a merged lesson hide or had cut off is hidden in the whole, too, for as long
 * as they do; nothing of it is copied, so that nothing can come too late. `revision` and `cut` grow with each save
 * of any of them. `find`: what is saved of each.
 */
export async function shownEdit(lesson: string, find = findEdit): Promise<SavedEdit> {
  const own = await find(lesson);
  let { revision, cut, edit } = own;
  for (const { id, ...place } of await partsOf(lesson)) {
    const part = await shownEdit(id, find);
    revision += part.revision;
    cut += part.cut;
    edit = withPart(edit, part.edit, place);
  }
  return { ...own, revision, cut, edit };
}

/** A whole's edit with what one of its parts hides and cuts off. */
export function withPart(whole: ReplayEdit, part: ReplayEdit, place: PlaceInWhole): ReplayEdit {
  const { isFirst, shift, at } = place;
  const known = new Set(whole.hidden.map(placeOf));
  const added = [...hiddenInWhole(part.hidden, place), ...cutAtSeam(part, place)];
  const hidden = [...whole.hidden, ...added.filter((one) => !known.has(placeOf(one)))];
  const from = isFirst ? part.from : null;
  const to = isFirst || part.to === null ? null : Math.max(at + 1, part.to + shift);
  return {
    ...whole,
    from: from === null || whole.from === null ? (whole.from ?? from) : Math.max(whole.from, from),
    to: to === null || whole.to === null ? (whole.to ?? to) : Math.min(whole.to, to),
    hidden,
  };
}

/** What a part hides, at its times in the whole, and nothing of the other part. */
export function hiddenInWhole(hidden: readonly Hidden[], { isFirst, shift, at }: PlaceInWhole): Hidden[] {
  return hidden
    .map((one) => ({
      ...one,
      from: isFirst ? one.from : Math.max(at, one.from + shift),
      to: isFirst ? Math.min(at, one.to) : one.to + shift,
    }))
    .filter(({ from, to }) => from < to);
}

/** What is cut off where the two meet lies in the midst of the whole. It is hidden there, and is never erased. */
function cutAtSeam({ from, to }: ReplayEdit, { isFirst, shift, at }: PlaceInWhole): Hidden[] {
  // As `redact` does with what lies outside a trim: the board of before a beginning is what it begins with.
  const cut = isFirst
    ? { from: to ?? at, to: at, writing: true }
    : { from: at, to: from === null ? at : from + shift, writing: false };
  return cut.from < cut.to ? [{ ...cut, id: isFirst ? 'cut-before' : 'cut-after' }] : [];
}

/** Before a lesson and its edit are deleted: what it hides is hidden by those that were merged of it from now on. May be begun again. */
export async function leaveHidden(lesson: string): Promise<void> {
  const part = await shownEdit(lesson);
  if (part.revision === 0) return;
  const eraseAt = Date.now() + KEPT_MS;
  for (const { id, ...place } of await mergedOf(lesson)) {
    for (let isDone = false; !isDone; ) {
      const own = await findEdit(id);
      const edit = withPart(own.edit, part.edit, place);
      const hidden = edit.hidden.map((one, i) => ({ eraseAt, ...one, id: `merged-${i}` }));
      const saved = {
        ...{ revision: own.revision + part.revision + 1, cut: own.cut + part.cut + 1 },
        ...{ edit: { ...edit, hidden }, previous: null },
      };
      isDone = await saveEdit(id, saved, own.revision);
    }
  }
}
