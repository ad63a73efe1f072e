import { readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { RecordingDamage } from '../protocol/recording.ts';
import type { Archive } from './archive.ts';
import { stretchOf } from './cut.ts';
import { isMissing, replaceFile } from './durable.ts';
import { opusInitSegment, opusMediaSegment } from './fmp4-writer.ts';
import type { Losses } from './inspection.ts';
import {
  type LessonFolder,
  NOTHING_LEFT,
  type RecordingFile,
  type RenditionKind,
  WAITING,
} from './lesson-folder.ts';
import { OPUS_QUANTUM, OPUS_RATE, silence } from './opus.ts';
import { mergePackets } from './opus-repacketizer.ts';
import { writeSums } from './sums.ts';
import { merge, type Stretch } from './timeline.ts';
import { OPUS_PLAYLIST } from './voice-packager.ts';

export interface MendOptions {
  readonly folder: LessonFolder;
  readonly archive: Archive;
  /** Makes a rendition anew, and what is made of it after that. */
  readonly again: (kind: RenditionKind) => Promise<void>;
}

type Mended = Pick<RecordingDamage, 'what' | 'outcome'>;

/**
 * Puts right what a disk or a store has lost: from the tracks what was made of them, AAC from Opus, and where there is nothing
 * to make it of again silence, marked as a gap. Says what it came to.
 */
export async function mend(file: RecordingFile, losses: Losses, options: MendOptions): Promise<Mended[]> {
  const { folder, archive, again } = options;
  const lost = lostKinds(folder, losses);
  const mended: Mended[] = [];
  if (losses.tracks.length > 0 || losses.stored.some((pack) => pack.folder === 'tracks'))
    mended.push({ what: 'tracks', outcome: 'lost' });
  const made = [...lost].filter((kind) => canBeMade(kind, file, losses, lost));
  for (const kind of lost) {
    if (made.includes(kind)) mended.push({ what: kind, outcome: 'mended' });
    else mended.push({ what: kind, outcome: await doWithout(kind, file, losses, folder) });
  }
  if (made.length === 0) return mended;
  const place = basename(folder.renditions);
  await archive.giveUp(
    folder.lesson,
    losses.stored.filter((pack) => made.includes(pack.kind) && pack.folder === place),
  );
  if (file.stored) await archive.bringBack(folder.lesson, place);
  for (const kind of made)
    for (const name of losses.files.get(kind) ?? []) await rm(join(folder.renditions, name), { force: true });
  // A voice's list names AAC only once that was made of it.
  const anew = new Set<RenditionKind>(made.includes('voice') ? [...made, 'aac'] : made);
  await folder.change((latest) => {
    if (!latest) throw new Error('The recording’s state file is gone');
    return { ...latest, ...Object.fromEntries([...anew].map((kind) => [kind, WAITING])) };
  });
  for (const kind of ['voice', 'aac', 'picture'] as const) {
    if (!anew.has(kind)) continue;
    await again(kind);
    break; // the others follow it
  }
  return mended;
}

function lostKinds(folder: LessonFolder, { files, stored }: Losses): Set<RenditionKind> {
  const place = basename(folder.renditions);
  return new Set([
    ...files.keys(),
    ...stored.filter((pack) => pack.folder === place).map(({ kind }) => kind),
  ]);
}

/** Frames that do not hold cost themselves; a track that ends too early would cost all that came after. */
function canBeMade(
  kind: RenditionKind,
  { tracks }: RecordingFile,
  losses: Losses,
  lost: ReadonlySet<RenditionKind>,
): boolean {
  if (kind === 'aac' && !lost.has('voice')) return true;
  const isPicture = kind === 'picture';
  const sources = tracks.filter(({ source }) => (source === 'mic') !== isPicture);
  const isGone = losses.stored.some(
    (pack) => pack.folder === 'tracks' && (pack.kind === 'picture') === isPicture,
  );
  const unusable = new Set(losses.tracks.filter((track) => track.unusable).map((track) => track.file));
  return sources.length > 0 && !isGone && !sources.some((track) => unusable.has(track.file));
}

async function doWithout(
  kind: RenditionKind,
  file: RecordingFile,
  losses: Losses,
  folder: LessonFolder,
): Promise<RecordingDamage['outcome']> {
  if (kind === 'voice') await silenceOf(losses.files.get('voice') ?? [], file, folder);
  if (kind === 'picture') {
    // Voice and ink are whole. One that breaks off in mid-lesson is worse than none.
    await folder.change((latest) => {
      if (!latest) throw new Error('The recording’s state file is gone');
      return { ...latest, picture: { state: 'failed', failures: 0, bytes: 0, reason: NOTHING_LEFT } };
    });
  }
  return 'lost';
}

/** Puts silence in the place of segments of the voice, and marks them as gaps. */
async function silenceOf(names: readonly string[], file: RecordingFile, folder: LessonFolder): Promise<void> {
  const place = folder.renditions;
  const text = await readFile(join(place, OPUS_PLAYLIST), 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return '';
    throw error;
  });
  const { from } = stretchOf(file);
  const gaps: Stretch[] = [];
  let start = 0;
  for (const [index, [, seconds, name = '']] of [...text.matchAll(/^#EXTINF:([\d.]+),\n(.+)$/gm)].entries()) {
    // Packets are multiples of this, and a playlist's lengths are exact to a fraction of it.
    const samples = Math.round((Number(seconds) * OPUS_RATE) / OPUS_QUANTUM) * OPUS_QUANTUM;
    if (names.includes(name)) {
      await replaceFile(
        join(place, name),
        opusMediaSegment(index + 1, start, [...mergePackets(silence(samples))]),
      );
      const at = (sample: number) => from + (sample / OPUS_RATE) * 1000;
      gaps.push({ from: Math.round(at(start)), to: Math.round(at(start + samples)) });
    }
    start += samples;
  }
  if (names.some((name) => name.endsWith('-init.mp4')))
    await replaceFile(join(place, 'voice-opus-init.mp4'), opusInitSegment());
  await writeSums(folder, file, 'voice');
  await folder.change((latest) => {
    if (!latest) throw new Error('The recording’s state file is gone');
    return { ...latest, gaps: merge([...latest.gaps, ...gaps]) };
  });
}
