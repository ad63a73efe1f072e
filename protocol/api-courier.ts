import { z } from 'zod';
import { Id, LessonTime, Localised, WallTime } from './common.ts';
import { LogEntry } from './events.ts';
import { Gap, Rendition } from './replay.ts';
import { Audience, CaptionTrack, ChapterTitle, Cue, ReplayEdit } from './replay-edit.ts';
import { Nothing, route } from './route.ts';

/** Replays carried from school to school in signed packages, where no line carries them. */

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** SHA-256 of a server's public key (SPKI), lower-case hex: what people compare over the telephone. */
export const Fingerprint = Sha256;

/** As people type it: with spaces and in capitals. */
export const SpokenFingerprint = z
  .string()
  .transform((text) => text.replace(/[\s:]/g, '').toLowerCase())
  .pipe(Fingerprint);

/** Names that a package may hold. Nothing in them can lead anywhere. */
export const PackagedName = z
  .string()
  .max(80)
  .regex(
    /^((log|captions|words)\.json|page-[0-9a-f]{64}\.(svg|webp)|(voice|picture)(-[a-z0-9]+)*\.(m3u8|mp4|m4s))$/,
  );

/** A lesson has at most so many files: a day in segments of 3 s, in six renditions. */
const MOST_FILES = 200_000;

/** `manifest.json` of a package: what is in it, and what that is. Its signature covers everything, by the hashes. */
export const PackageManifest = z
  .object({
    version: z.literal(1),
    madeAt: WallTime,
    lesson: Id,
    title: Localised,
    course: Localised,
    teacher: Localised,
    school: Localised,
    startsAt: WallTime,
    endsAt: WallTime,
    from: LessonTime,
    to: LessonTime,
    gaps: z.array(Gap).max(10_000),
    chapters: z.array(ChapterTitle).max(200),
    /** How its teacher has divided it. */
    splits: ReplayEdit.shape.splits.default([]),
    partTitles: ReplayEdit.shape.partTitles.default([]),
    /** `url` is the playlist's name here. */
    renditions: z.array(Rendition.extend({ url: PackagedName })).max(4),
    files: z
      .array(
        z.object({
          name: PackagedName,
          bytes: z.number().int().min(0),
          sha256: Sha256,
        }),
      )
      .max(MOST_FILES),
  })
  .refine(({ from, to }) => from < to);
export type PackageManifest = z.infer<typeof PackageManifest>;

/** `captions.json` of a package. */
export const PackagedCaptions = z
  .array(CaptionTrack.pick({ language: true, label: true }).extend({ cues: z.array(Cue).max(20_000) }))
  .max(50);
export type PackagedCaptions = z.infer<typeof PackagedCaptions>;

/** `log.json` of a package: of a lesson that was held. What it hides is left out, so numbers may be missing. */
export const PackagedLog = z
  .array(LogEntry)
  .max(2_000_000)
  .refine(
    (entries) =>
      entries.some(({ event }) => event.type === 'lesson.started') &&
      entries.every(({ seq, t }, i) => {
        const before = entries[i - 1];
        return !before || (seq > before.seq && t >= before.t);
      }),
  );
export type PackagedLog = z.infer<typeof PackagedLog>;

/** `signature.json` of a package: of the bytes of `manifest.json`, by Ed25519. Both base64. */
export const PackageSignature = z.object({ key: z.string().max(200), signature: z.string().max(200) });

/** A school whose packages are taken in. */
export const TrustedSchool = z.object({
  fingerprint: Fingerprint,
  name: z.string().trim().min(1).max(80),
  since: WallTime,
});
export type TrustedSchool = z.infer<typeof TrustedSchool>;

export const courierRoutes = {
  'courier.show': route({
    method: 'get',
    path: '/courier',
    may: 'courier.manage',
    input: Nothing,
    output: z.object({ fingerprint: Fingerprint, schools: z.array(TrustedSchool) }),
  }),
  'courier.trust': route({
    method: 'post',
    path: '/courier/schools',
    may: 'courier.manage',
    input: z.object({ fingerprint: SpokenFingerprint, name: TrustedSchool.shape.name }),
    output: Nothing,
  }),
  'courier.untrust': route({
    method: 'delete',
    path: '/courier/schools/:fingerprint',
    may: 'courier.manage',
    input: Nothing,
    output: Nothing,
  }),
  /** Makes a replay's package; it is fetched from `/courier/packages/NAME`, in parts if asked for. */
  'courier.export': route({
    method: 'post',
    path: '/lessons/:lesson/package',
    may: 'replay.export',
    input: Nothing,
    output: z.object({ url: z.string(), bytes: z.number().int().min(0) }),
  }),
  /** Whether a package is here already, by the SHA-256 of its manifest: then nothing of it has to be sent. */
  'courier.known': route({
    method: 'get',
    path: '/courier/known',
    may: 'courier.manage',
    input: z.object({ package: Sha256 }),
    output: z.object({ known: z.object({ lesson: Id, title: Localised }).nullable() }),
  }),
  /** Takes in what was sent whole to `/courier/uploads/ID`. */
  'courier.import': route({
    method: 'post',
    path: '/courier/imports',
    may: 'courier.manage',
    input: z.object({ upload: z.string().regex(/^[0-9a-f]{32}$/) }),
    output: z.object({
      lesson: Id,
      title: Localised,
      /** It was here already, and nothing was taken in. */
      known: z.boolean(),
    }),
  }),
  /** Replays that were published beyond their class, or brought here, and that one may watch; newest first. */
  'library.list': route({
    method: 'get',
    path: '/library',
    may: 'signed_in',
    input: Nothing,
    output: z.object({
      replays: z.array(
        z.object({
          lesson: Id,
          title: Localised,
          course: Localised,
          teacher: Localised,
          school: Localised,
          startsAt: WallTime,
          audience: Audience,
        }),
      ),
    }),
  }),
} as const;
