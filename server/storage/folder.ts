import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import {
  type FileHandle,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { z } from 'zod';
import type { ByteRange, ObjectInfo, ObjectStore } from '../../protocol/storage.ts';

/** Begins with a dot, so that it is nobody's key: an object on its way in. */
const DRAFT = '.draft-';
const KEY = /^[a-z0-9_-][a-z0-9._-]*(\/[a-z0-9_-][a-z0-9._-]*)*$/;
const KEY_LONGEST = 512;

/** Beside each object: its checksum, and how to tell that it is still that object's. */
const Note = z.object({ bytes: z.number(), mtimeMs: z.number(), sha256: z.string() });

/**
 * Objects as files of a folder, under their keys. A draft is written, synced, read back and only then given its name, so
 * that a file with a name is whole, however a write ended.
 */
export function openFolderStore(root: string): ObjectStore {
  return {
    put: (key, content) => put(pathOf(root, key), content),

    async info(key) {
      const path = pathOf(root, key);
      const found = await statFile(path);
      if (!found) return null;
      return { bytes: found.size, sha256: await checksumOf(path, found) };
    },

    async read(key, range) {
      const path = pathOf(root, key);
      return (await statFile(path)) ? readPart(path, range) : null;
    },

    async remove(key) {
      const path = pathOf(root, key);
      await rm(path, { force: true });
      await rm(notePath(path), { force: true });
    },

    keys: (prefix) => keysUnder(root, prefix),
  };
}

async function put(path: string, content: AsyncIterable<Uint8Array>): Promise<ObjectInfo> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const draft = join(folder, DRAFT + randomUUID());
  try {
    const written = await write(draft, content);
    const sha256 = await hashOf(draft);
    if (sha256 !== written.sha256) throw new Error(`${basename(path)} is not on the disk as it was written`);
    await rename(draft, path);
    await syncFolder(folder);
    const { size, mtimeMs } = await stat(path);
    await writeFile(notePath(path), JSON.stringify({ bytes: size, mtimeMs, sha256 }));
    return written;
  } finally {
    await rm(draft, { force: true });
  }
}

async function write(draft: string, content: AsyncIterable<Uint8Array>): Promise<ObjectInfo> {
  const hash = createHash('sha256');
  const file = await open(draft, 'wx', 0o600);
  let bytes = 0;
  try {
    for await (const chunk of content) {
      hash.update(chunk);
      bytes += chunk.length;
      await writeAll(file, chunk);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { bytes, sha256: hash.digest('hex') };
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length; ) at += (await file.write(chunk, at)).bytesWritten;
}

/** The name is on the disk, too, only when its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function readPart(path: string, range: ByteRange | undefined): AsyncIterable<Uint8Array> {
  return createReadStream(path, range && { start: range.from, end: range.to });
}

/** Written down where that is of this very file; else it is read: a crash came between the two, or someone copied. */
async function checksumOf(path: string, found: { size: number; mtimeMs: number }): Promise<string> {
  const note = await readNote(path);
  const isOfThis = note?.bytes === found.size && note.mtimeMs === found.mtimeMs;
  return isOfThis ? note.sha256 : hashOf(path);
}

async function readNote(path: string): Promise<z.output<typeof Note> | null> {
  try {
    return Note.parse(JSON.parse(await readFile(notePath(path), 'utf8')));
  } catch {
    return null; // there is none, or not a whole one
  }
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}

async function* keysUnder(root: string, prefix: string): AsyncIterable<string> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(noneOf);
  for (const entry of entries) {
    if (!entry.isFile() || entry.name.startsWith('.')) continue;
    const key = join(entry.parentPath, entry.name)
      .slice(root.length + 1)
      .split(sep)
      .join('/');
    if (key.startsWith(prefix)) yield key;
  }
}

async function statFile(path: string) {
  const found = await stat(path).catch(noneOf);
  return 'isFile' in found && found.isFile() ? found : null;
}

/** A store that nothing was put into has no folder yet. */
function noneOf(error: unknown): [] {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') return [];
  throw error;
}

function notePath(path: string): string {
  return join(dirname(path), `.${basename(path)}.json`);
}

/** Throws for what is no key: no path of a person's making ever reaches the disk. */
function pathOf(root: string, key: string): string {
  if (key.length > KEY_LONGEST || !KEY.test(key)) throw new Error(`'${key.slice(0, 80)}' is no object's key`);
  return join(root, ...key.split('/'));
}
