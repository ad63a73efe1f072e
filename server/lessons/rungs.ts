import { HIGHEST, isAtLeast, type LinkChoice, RUNGS, type Rung } from '../../protocol/link.ts';

export interface Limits {
  readonly choice: LinkChoice;
  /** For everything the receiver is sent; null where nobody set one. */
  readonly ceilingKbps: number | null;
  /** Whether there is any picture that the receiver would take. */
  readonly pictures: boolean;
  /** A voice that they hear is coded as music. */
  readonly music: boolean;
  /** Files are on their way to them: under a ceiling, pictures make room. */
  readonly downloading: boolean;
}

/** Voice at 12 kbit/s in 60 ms frames is 20 on the wire; the board is 12 while somebody writes. */
export const VOICE_AND_INK_KBPS = 32;
/** Music is 40 on the wire (client/lesson/encodings.ts), and is not silent in pauses. */
const MUSIC_AND_INK_KBPS = 52;
/** mediasoup cannot be held to less; below it there is no picture. */
const LEAST_PICTURE = 30_000;
/** Under a ceiling a picture leaves some room for a page beside it, bit/s. */
const BESIDE_PICTURE = 10_000;

interface Step {
  /** Pictures may take so much, bit/s. */
  readonly most: number;
  /** An estimate below this cannot feed the rung. */
  readonly least: number;
  /** The estimate from which on the next rung is worth trying. */
  readonly promising: number;
}

/** From the layers of a camera (client/lesson/encodings.ts): 50, 150 and 500 kbit/s. */
export const STEPS: Readonly<Record<Rung, Step>> = {
  voice: { most: 0, least: 0, promising: 0 },
  ink: { most: 0, least: 0, promising: 0 },
  thumbnail: { most: 60_000, least: 0, promising: 32_000 },
  picture: { most: 350_000, least: 90_000, promising: 180_000 },
  everyone: { most: 4_000_000, least: 180_000, promising: Number.POSITIVE_INFINITY },
};

/** What pictures may take together on this rung, bit/s. */
export function pictureBitrate(rung: Rung, limits: Limits): number {
  const { most } = STEPS[rung];
  if (limits.ceilingKbps === null) return most;
  const left = budgetUnder(limits.ceilingKbps, limits);
  return Math.min(most, limits.downloading ? Math.min(left, Math.max(LEAST_PICTURE, left / 2)) : left);
}

/** What the voices and the board take of a link at most, kbit/s. */
export function voiceAndInkKbps({ music }: Pick<Limits, 'music'>): number {
  return music ? MUSIC_AND_INK_KBPS : VOICE_AND_INK_KBPS;
}

function budgetUnder(ceilingKbps: number, limits: Pick<Limits, 'music'>): number {
  return Math.max(0, ceilingKbps - voiceAndInkKbps(limits)) * 1_000;
}

/** The highest rung that choice, ceiling and what is sent leave. */
export function highestRung(limits: Limits): Rung {
  const { choice, ceilingKbps, pictures } = limits;
  const rungs = RUNGS.filter((rung) => {
    if (!isAtLeast(HIGHEST[choice], rung)) return false;
    if (rung === 'voice') return true;
    if (rung === 'ink') return ceilingKbps === null || ceilingKbps >= voiceAndInkKbps(limits);
    if (!pictures) return false;
    if (ceilingKbps === null) return true;
    return (
      budgetUnder(ceilingKbps, limits) >= Math.max(LEAST_PICTURE + BESIDE_PICTURE, STEPS[rung].least * 1.5)
    );
  });
  return rungs.at(-1) ?? 'voice';
}
