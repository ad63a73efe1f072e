import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { PackageManifest, PackageSignature } from '../../protocol/api-courier.ts';
import { type ErrorCode, TongkeError } from '../../protocol/errors.ts';
import { signerOf } from './identity.ts';

/** What is read before anything is believed, bytes. */
const MANIFEST_BYTES = 40_000_000;
const SIGNATURE_BYTES = 1_000;
/** All of a package: a day's lesson in every size. */
export const PACKAGE_BYTES = 20_000_000_000;

export interface Unpacked {
  readonly manifest: PackageManifest;
  /** SHA-256 of the manifest, hex: the same package again. */
  readonly id: string;
  readonly fingerprint: string;
}

function refuse(code: ErrorCode, reason: string, cause?: unknown): TongkeError {
  return new TongkeError(code, reason, { cause });
}

/** Who signed a package, and what they say is in it. Rejects with a `package_…` code. */
export async function readPackage(
  path: string,
  isTrusted: (fingerprint: string) => Promise<boolean>,
): Promise<Unpacked> {
  const zip = await open(path);
  try {
    const entries = zip.eachEntry();
    const text = await small(zip, (await entries.next()).value, 'manifest.json', MANIFEST_BYTES);
    const proof = await small(zip, (await entries.next()).value, 'signature.json', SIGNATURE_BYTES);
    const signature = PackageSignature.safeParse(parse(proof));
    const fingerprint = signature.success ? signerOf(text, signature.data) : null;
    if (fingerprint === null) throw refuse('package_forged', 'the signature does not fit');
    if (!(await isTrusted(fingerprint))) throw refuse('package_untrusted', fingerprint);
    const manifest = PackageManifest.safeParse(parse(text));
    if (!manifest.success) throw refuse('package_hostile', 'the manifest is none');
    return { manifest: manifest.data, id: createHash('sha256').update(text).digest('hex'), fingerprint };
  } finally {
    zip.close();
  }
}

/**
 * Writes the files of a package that was read into `folder`, each as its hash says. Nothing else is written: an entry that the
 * manifest does not name, in another length, packed or twice is refused before a byte of it is read.
 */
export async function extractPackage(path: string, { manifest }: Unpacked, folder: string): Promise<void> {
  const total = manifest.files.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total > PACKAGE_BYTES) throw refuse('package_hostile', 'it is larger than a lesson');
  const left = new Map(manifest.files.map((file) => [file.name, file]));
  const zip = await open(path);
  try {
    for await (const entry of zip.eachEntry()) {
      if (['manifest.json', 'signature.json'].includes(entry.fileName)) continue;
      const wanted = left.get(entry.fileName);
      if (!wanted) throw refuse('package_hostile', `it holds ${JSON.stringify(entry.fileName.slice(0, 80))}`);
      left.delete(entry.fileName);
      if (entry.uncompressedSize !== wanted.bytes || !isStored(entry))
        throw refuse('package_hostile', `${wanted.name} is not as announced`);
      const hash = await write(zip, entry, join(folder, wanted.name));
      if (hash !== wanted.sha256) throw refuse('package_damaged', `${wanted.name} was changed`);
    }
  } catch (error) {
    throw asRefusal(error);
  } finally {
    zip.close();
  }
  const [missing] = left.keys();
  if (missing !== undefined) throw refuse('package_damaged', `${missing} is missing`);
  await checkPlaylists(manifest, folder);
}

async function open(path: string): Promise<ZipFile> {
  try {
    // Names that lead out of a folder, and sizes that do not fit, it refuses by itself.
    return await openPromise(path, { strictFileNames: true, validateEntrySizes: true });
  } catch (error) {
    throw asRefusal(error);
  }
}

/** What the reader of zips says of one: its end is cut off, or it is made to lead somewhere. */
function asRefusal(error: unknown): unknown {
  if (error instanceof TongkeError || !(error instanceof Error)) return error;
  if ('code' in error && typeof error.code === 'string') return error; // the disk's
  const isTrap =
    /relative path|absolute path|invalid characters|compressed|too many bytes|not enough bytes/.test(
      error.message,
    );
  return refuse(isTrap ? 'package_hostile' : 'package_damaged', error.message.slice(0, 200), error);
}

/** Packed entries may be a thousand times as large as they look; ours never are packed. */
function isStored(entry: Entry): boolean {
  return (
    entry.compressionMethod === 0 && entry.compressedSize === entry.uncompressedSize && !entry.isEncrypted()
  );
}

async function small(zip: ZipFile, entry: Entry | undefined, name: string, most: number): Promise<Buffer> {
  if (entry?.fileName !== name || !isStored(entry) || entry.uncompressedSize > most)
    throw refuse('package_hostile', `it does not begin with ${name}`);
  try {
    const parts: Buffer[] = [];
    for await (const part of await zip.openReadStreamPromise(entry)) parts.push(Buffer.from(part));
    return Buffer.concat(parts);
  } catch (error) {
    throw asRefusal(error);
  }
}

async function write(zip: ZipFile, entry: Entry, path: string): Promise<string> {
  const hash = createHash('sha256');
  const counting = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  const source = await zip.openReadStreamPromise(entry);
  await pipeline(source, counting, createWriteStream(path, { flags: 'wx', mode: 0o600 }));
  return hash.digest('hex');
}

function parse(json: Buffer): unknown {
  try {
    return JSON.parse(json.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** A playlist could send players elsewhere: ours name files of the package, and say nothing that we do not write. */
async function checkPlaylists({ files }: PackageManifest, folder: string): Promise<void> {
  const names = new Set(files.map(({ name }) => name));
  for (const name of names) {
    if (!name.endsWith('.m3u8')) continue;
    const text = await readFile(join(folder, name), 'utf8');
    const named = [...text.matchAll(/^([^#\n].*)$|URI="([^"]*)"/gm)].map(
      (match) => match[1] ?? match[2] ?? '',
    );
    const stranger = named.find((one) => !names.has(one));
    if (stranger !== undefined || /^#EXT-X-(KEY|SESSION|DEFINE|DATERANGE|CONTENT)/m.test(text))
      throw refuse('package_hostile', `${name} leads out of the package`);
  }
}
