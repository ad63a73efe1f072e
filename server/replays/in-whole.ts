import type { Hidden } from '../../protocol/replay-edit.ts';

/** A lesson in the one that was merged of it and another. Lesson times of its own, ms. */
export interface PartOfWhole {
  readonly isFirst: boolean;
  /** As it was recorded. */
  readonly from: number;
  readonly to: number;
  /** Added to its times. */
  readonly shift: number;
}

/** Its whole begins with the second so much after the end of the first: what was said in the last millisecond is hidden with the first. */
export const SEAM_MS = 1;

/** What is hidden by one and by the other. */
export function hiddenByBoth(some: readonly Hidden[], others: readonly Hidden[]): Hidden[] {
  const both = some.flatMap((one) =>
    others
      .filter(({ participant = one.participant }) => participant === (one.participant ?? participant))
      .map((other) => ({
        ...one,
        from: Math.max(one.from, other.from),
        to: Math.min(one.to, other.to),
        participant: one.participant ?? other.participant,
        writing: one.writing && other.writing,
      })),
  );
  return both.filter(({ from, to }) => from < to);
}

/** What a part hides, at its times in the whole, and nothing of the other part. */
export function hiddenInWhole(
  hidden: readonly Hidden[],
  { isFirst, from, to, shift }: PartOfWhole,
): Hidden[] {
  // What was prepared before the beginning of the first keeps its time, that of the second lies at its beginning.
  const least = isFirst ? 0 : from;
  const most = isFirst ? to + SEAM_MS : Number.POSITIVE_INFINITY;
  return hidden
    .map((one) => ({
      ...one,
      from: Math.max(least, one.from) + shift,
      to: Math.min(most, one.to) + shift,
    }))
    .filter((one) => one.from < one.to);
}
