import { HIGHEST, isAtLeast } from '../../protocol/link.ts';
import { FAR_TRIP_MS, type Ladder } from './ladder.ts';
import { highestRung, type Limits, pictureBitrate, VOICE_AND_INK_KBPS, voiceAndInkKbps } from './rungs.ts';

/** What files may take over HTTP beside a lesson, kbit/s of their bytes; null: as fast as they come. */
export interface DownloadRates {
  /** By what the link carries. */
  readonly link: number | null;
  /** By what a technician allows it to carry: for everything, missed voices too. */
  readonly ceiling: number | null;
}

/** The thin voice (12 kbit/s) and the board while somebody writes. */
const THINNEST_KBPS = 24;
/** The smallest picture, which a page is not to push off a link that has room for both. */
const SMALLEST_PICTURE_KBPS = 60;
/** Headers of TCP, its acknowledgements, and packets that it sends again. */
const OF_THE_WIRE = 0.8;
const OF_A_CEILING = 0.9;
/** A page comes even where there is no room for it, if slowly. */
const LEAST_KBPS = 8;
/** Where voice and ink fill the link: 8 kbit/s more stood in a queue of two seconds, and broke the socket (24 kbit/s, 10 % lost). */
const FULL_KBPS = 2;
/** Where what a thin link carries is not known. */
const THIN_KBPS = 24;
const FAR_KBPS = 16;

/** Pure. Voice and ink have what they need first; pages come before pictures under a ceiling. */
export function downloadRates(ladder: Ladder, limits: Limits): DownloadRates {
  const link = linkRate(ladder, limits);
  return { link, ceiling: ceilingRate(ladder, { ...limits, downloading: true }) };
}

function linkRate(ladder: Ladder, limits: Limits): number | null {
  const { rung, carriesKbps, rest, settling } = ladder;
  if (isAtLeast(rung, 'picture')) return null;
  if (carriesKbps !== null) {
    const taken = rung === 'voice' ? THINNEST_KBPS : voiceAndInkKbps(limits);
    if (carriesKbps < VOICE_AND_INK_KBPS) return Math.max(FULL_KBPS, OF_THE_WIRE * (carriesKbps - taken));
    if (rung === 'thumbnail')
      return Math.max(LEAST_KBPS, OF_THE_WIRE * (carriesKbps - taken - SMALLEST_PICTURE_KBPS));
    // Voice and ink travel between the datagrams of a train, which then tells of less than there is.
    return Math.max(LEAST_KBPS, OF_THE_WIRE * Math.max(carriesKbps - taken, carriesKbps / 2));
  }
  if (rung === 'thumbnail') return null;
  if ((rest.roundTripMs ?? 0) >= FAR_TRIP_MS) return FAR_KBPS;
  // A link that nobody has found to be thin stands here for want of pictures.
  const isHeldBack = !settling && rung !== highestRung(limits);
  const choosesLittle = isAtLeast('ink', HIGHEST[limits.choice]);
  return isHeldBack || choosesLittle ? THIN_KBPS : null;
}

function ceilingRate({ rung }: Ladder, limits: Limits): number | null {
  if (limits.ceilingKbps === null) return null;
  const taken = rung === 'voice' ? THINNEST_KBPS : voiceAndInkKbps(limits);
  const left = limits.ceilingKbps - taken - pictureBitrate(rung, limits) / 1_000;
  return Math.max(LEAST_KBPS / 2, OF_A_CEILING * left);
}
