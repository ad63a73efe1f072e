import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing, syncDirectory } from './durable.ts';
import { RENDITION_KINDS, type RecordingFile, type RenditionKind, type StoredPack } from './lesson-folder.ts';

/** A pack without its place in the store. */
export type Pack = Omit<StoredPack, 'key' | 'here'>;

/** Whether a file of a lesson's folder is the voice's, the AAC's or the picture's; undefined for what is not kept. */
export function kindOfFile(
  folder: string,
  name: string,
  tracks: RecordingFile['tracks'],
): RenditionKind | undefined {
  if (folder === 'tracks') {
    const track = tracks.find(({ file }) => file === name);
    return track && (track.source === 'mic' ? 'voice' : 'picture');
  }
  if (name.startsWith('voice-live')) return undefined;
  if (name.startsWith('voice-aac')) return 'aac';
  if (name.startsWith('voice')) return 'voice';
  return name.startsWith('picture') ? 'picture' : undefined;
}

/** What there is to be stored of a folder, by kind. Reads every byte. */
export async function packsOf(
  path: string,
  folder: string,
  tracks: RecordingFile['tracks'],
): Promise<Pack[]> {
  const names = (await namesIn(path)).sort();
  const packs: Pack[] = [];
  for (const kind of RENDITION_KINDS) {
    const mine = names.filter((name) => kindOfFile(folder, name, tracks) === kind);
    if (mine.length === 0) continue;
    const hash = createHash('sha256');
    const files: Pack['files'] = [];
    let bytes = 0;
    for (const name of mine) {
      const at = bytes;
      for await (const chunk of createReadStream(join(path, name))) {
        hash.update(chunk);
        bytes += chunk.length;
      }
      files.push({ name, at, bytes: bytes - at });
    }
    packs.push({ folder, kind, bytes, sha256: hash.digest('hex'), files });
  }
  return packs;
}

/** Its content, from the files. */
export async function* contentOf(path: string, { files }: Pack): AsyncGenerator<Uint8Array> {
  for (const { name } of files) yield* createReadStream(join(path, name));
}

/** Takes its files out of a folder. */
export async function removeFiles(path: string, { files }: Pack): Promise<void> {
  for (const { name } of files) await rm(join(path, name), { force: true });
}

/** Puts its files back into a folder, once all of them are on the disk and the whole is what it was. */
export async function unpack(path: string, pack: Pack, content: AsyncIterable<Uint8Array>): Promise<void> {
  const fresh = join(path, '.unpacking');
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true, mode: 0o700 });
  try {
    await writeFiles(fresh, pack, content);
    for (const { name } of pack.files) await rename(join(fresh, name), join(path, name));
    await syncDirectory(path);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

async function writeFiles(path: string, pack: Pack, content: AsyncIterable<Uint8Array>): Promise<void> {
  const hash = createHash('sha256');
  const chunks = content[Symbol.asyncIterator]();
  let rest: Uint8Array = Buffer.alloc(0);
  try {
    for (const { name, bytes } of pack.files) {
      const file = await open(join(path, name), 'wx', 0o600);
      try {
        for (let left = bytes; left > 0; ) {
          if (rest.length === 0) {
            const next = await chunks.next();
            if (next.done) throw new Error(`the store has too little of ${name}`);
            rest = next.value;
            hash.update(rest);
          }
          const part = rest.subarray(0, left);
          await file.writeFile(part);
          left -= part.length;
          rest = rest.subarray(part.length);
        }
        await file.sync();
      } finally {
        await file.close();
      }
    }
  } finally {
    await chunks.return?.();
  }
  if (hash.digest('hex') !== pack.sha256) throw new Error('the store does not have what was put there');
}

/** Bytes of a folder's files by kind; what is only for a while counts as `voice`. */
export async function weighFolder(
  path: string,
  folder: string,
  tracks: RecordingFile['tracks'],
): Promise<Record<RenditionKind, number>> {
  const bytes = { voice: 0, aac: 0, picture: 0 };
  for (const name of await namesIn(path)) {
    const kind = kindOfFile(folder, name, tracks) ?? 'voice';
    const found = await stat(join(path, name)).catch((error: unknown) => {
      if (isMissing(error)) return null; // moved on meanwhile
      throw error;
    });
    bytes[kind] += found?.isFile() ? found.size : 0;
  }
  return bytes;
}

async function namesIn(path: string): Promise<string[]> {
  return await readdir(path).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
}
