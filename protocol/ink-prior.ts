import { MIX_UNIT, type MixShape } from './ink-model.ts';

/**
 * How likely each expert is to be right, in thousandths: found by expectation maximisation on generated handwriting
 * (`server/demo/handwriting.ts`: 50 to 220 px, 60 to 240 Hz, speeds of 0.6 to 1.6; with pressure, without, and rounded
 * to eights), with every third letter and the tests' seeds held out. Then raised to the power 3/4, and to 2 at least:
 * real writers and devices differ from generated ones (on held-out writing this costs nothing), and within a few points
 * the weights follow what is seen.
 *
 * These numbers are part of the format: change them, and stored ink no longer reads.
 */
export const PRIOR = {
  /** A step along x or y. Guesses: as the last; as the last two; in its time; with half the change; along a parabola. */
  step: shape(2, 32, [
    [6, 22, 19, 6, 6, 6],
    [122, 428, 6, 6, 6, 6],
    [6, 15, 12, 6, 6, 6],
    [6, 36, 107, 6, 6, 6],
    [6, 103, 19, 6, 6, 6],
  ]),
  /** The first step, from rest. */
  firstStep: shape(2, 32, [[305, 477, 187, 10, 7, 7, 7]]),
  /** The next interval. Guesses: the mean; where the clock of that period would be. */
  time: shape(1, 32, [
    [7, 345, 437, 7, 7, 7, 7],
    [7, 23, 127, 7, 7, 7, 7],
  ]),
  /** The first interval. Guesses: 15, 8 and 4 ms. */
  firstTime: shape(1, 32, [
    [186, 149, 111, 57, 12, 5, 5],
    [87, 109, 90, 27, 7, 5, 5],
    [60, 44, 19, 5, 5, 5, 5],
  ]),
  /** Pressure. Guesses: as the last; with half of the change that came last. */
  pressure: shape(0, 16, [
    [7, 13, 276, 9, 213, 116, 7, 7],
    [7, 7, 9, 113, 104, 39, 23, 50],
  ]),
  /** Pressure where the first is 128, which says that the device has none. */
  steady: shape(0, 32, [[952, 47, 2, 2, 2, 2]]),
  /** How strokes follow each other in a lesson: place, pause, length, pressure. */
  link: shape(2, 64, [
    [70, 7, 5, 62, 52, 196, 31, 72, 215],
    [15, 5, 5, 15, 24, 110, 19, 19, 75],
  ]),
} satisfies Record<string, MixShape>;

/** A row for each guess, a column for each scale. */
function shape(from: number, share: number, rows: readonly (readonly number[])[]): MixShape {
  const weights = rows.flat();
  const sum = weights.reduce((a, b) => a + b, 0);
  const prior = weights.map((weight) => Math.floor((weight * MIX_UNIT) / sum));
  const shares = prior.map((weight) => Math.floor(weight / share));
  return { predictors: rows.length, scales: weights.length / rows.length, from, share, prior, shares };
}
