import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type PackagedCaptions, PackagedName, type PackageManifest } from '../../protocol/api-courier.ts';
import { TongkeError } from '../../protocol/errors.ts';
import type { RecordingsApi } from '../../protocol/recording.ts';
import type { Rendition, WrittenPages } from '../../protocol/replay.ts';
import type { ObjectStore } from '../../protocol/storage.ts';
import { fileKey } from '../courseware/keys.ts';
import type { LessonRecord } from '../lessons/record.ts';
import { zip } from '../replays/archive.ts';
import { contentOf, textOf } from '../replays/content.ts';
import { pageFilesOf } from '../replays/page-files.ts';
import type { ReplayReader } from '../replays/reader.ts';
import { nextMadeAt } from '../store/courier.ts';
import type { LessonFile } from '../store/courseware.ts';
import { wordsOn } from '../store/page-words.ts';
import type { Identity } from './identity.ts';
import { nameOfPage } from './pages.ts';

/** A file of the package: made for it, or wherever it lies. */
type Packed = { readonly name: string } & (
  | { readonly read: () => Promise<Readable>; readonly bytes: number }
  | { readonly content: Buffer }
);

export interface PackOptions {
  readonly reader: ReplayReader;
  readonly recordings: Pick<RecordingsApi, 'isIntact'>;
  readonly identity: Identity;
  /** Where the files of pages are. */
  readonly objects: ObjectStore;
}

/** Writes a replay's package to `path`, as it is shown now. Rejects with `replay_not_ready` while its voice is being made, or has to be again. */
export async function packReplay(
  { record, path }: { record: LessonRecord; path: string },
  { reader, recordings, identity, objects }: PackOptions,
): Promise<number> {
  const replay = await reader.manifest(record, 'observer', false);
  const unmade = [replay.state.voice, replay.state.picture].some(
    (state) => state === 'waiting' || state === 'working',
  );
  // What a disk has damaged must not be signed: where it is brought to nothing tells, and there are no tracks to make it again of.
  if (replay.live || unmade || !(await recordings.isIntact(record.id)))
    throw new TongkeError('replay_not_ready');
  const captions: PackagedCaptions = [];
  for (const { id, language, label } of replay.captions ?? [])
    captions.push({ language, label, cues: (await reader.cues(record.id, id)).cues });
  const entries = await reader.log(record);
  const pages = await pageFilesOf(record.id, entries);
  const words: WrittenPages = { pages: await wordsOn(pages.map(({ sha256 }) => sha256)) };
  const files: Packed[] = [
    { name: 'log.json', content: Buffer.from(JSON.stringify(entries)) },
    { name: 'captions.json', content: Buffer.from(JSON.stringify(captions)) },
    { name: 'words.json', content: Buffer.from(JSON.stringify(words)) },
    ...(await renditionFiles(record.id, replay.renditions, reader)),
    ...pages.map((file) => packedPage(file, objects)),
  ];
  const manifest: PackageManifest = {
    version: 1,
    madeAt: await nextMadeAt(record.id),
    lesson: record.id,
    ...{ title: record.title, course: record.course, teacher: record.teacher, school: record.school },
    ...{ startsAt: record.startsAt, endsAt: record.endsAt },
    ...{ from: replay.from, to: replay.to, gaps: replay.gaps, chapters: replay.chapters ?? [] },
    splits: replay.parts?.slice(1).map((part) => part.from) ?? [],
    partTitles: replay.parts?.map(({ title }) => title) ?? [],
    renditions: replay.renditions.map((rendition) => ({ ...rendition, url: nameOf(rendition.url) })),
    files: await Promise.all(files.map(announce)),
  };
  const text = Buffer.from(JSON.stringify(manifest));
  const proof = Buffer.from(JSON.stringify({ key: identity.key, signature: identity.sign(text) }));
  const head = [
    { name: 'manifest.json', content: text },
    { name: 'signature.json', content: proof },
  ];
  const { stream, bytes } = await zip('', [...head, ...files], record.startsAt);
  const fresh = `${path}.new`;
  try {
    await pipeline(stream, createWriteStream(fresh, { mode: 0o600 }));
    await rename(fresh, path);
  } finally {
    await rm(fresh, { force: true });
  }
  return bytes;
}

function nameOf(url: string): string {
  return PackagedName.parse(url.split('/').at(-1));
}

/** Every file that the renditions' playlists lead to. */
async function renditionFiles(
  lesson: string,
  renditions: readonly Rendition[],
  reader: ReplayReader,
): Promise<Packed[]> {
  const found = new Map<string, Packed>();
  const visit = async (place: string, name: string): Promise<void> => {
    if (found.has(name)) return;
    // As it lies: AAC that nobody has asked for so far is made there, if ever, of what is brought; a stick carries half as much.
    const file = await reader.file(lesson, place + name, { lying: true });
    if (!file || 'text' in file) throw new TongkeError('replay_not_ready');
    const bytes = 'path' in file ? (await stat(file.path)).size : file.bytes;
    const read = async () => Readable.from(await contentOf(file));
    found.set(name, { name: PackagedName.parse(name), bytes, read });
    if (!name.endsWith('.m3u8')) return;
    const text = await textOf(file);
    for (const match of text.matchAll(/^([^#\n].*)$|URI="([^"]+)"/gm))
      await visit(place, match[1] ?? match[2] ?? '');
  };
  for (const { url } of renditions) {
    const inside = url.replace(`/replays/${lesson}/`, '');
    await visit(inside.slice(0, inside.lastIndexOf('/') + 1), nameOf(url));
  }
  return [...found.values()];
}

function packedPage(file: LessonFile, objects: ObjectStore): Packed {
  const read = async () => {
    const content = await objects.read(fileKey(file.sha256));
    if (!content) throw new TongkeError('not_found');
    return Readable.from(content);
  };
  return { name: nameOfPage(file), bytes: file.bytes, read };
}

async function announce(file: Packed): Promise<PackageManifest['files'][number]> {
  const hash = createHash('sha256');
  if ('content' in file) {
    hash.update(file.content);
    return { name: file.name, bytes: file.content.length, sha256: hash.digest('hex') };
  }
  for await (const chunk of await file.read()) hash.update(chunk);
  return { name: file.name, bytes: file.bytes, sha256: hash.digest('hex') };
}
