import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';
import { PackageManifest } from '../../protocol/api-courier.ts';
import type { Identity } from '../../server/courier/identity.ts';
import { unzip } from './unzip.ts';

export interface PackageParts {
  manifest: PackageManifest;
  /** By name; what is in it is announced as it is. */
  files: Map<string, Buffer>;
}

/** A package with something else in it, signed by `identity` as though it were in order. */
export async function repack(
  zip: Buffer,
  identity: Identity,
  change: (parts: PackageParts) => void,
): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'tongke-repack-'));
  try {
    await unzip(zip, folder);
    const files = new Map<string, Buffer>();
    for (const name of await readdir(folder)) files.set(name, await readFile(join(folder, name)));
    const manifest = PackageManifest.parse(JSON.parse(String(files.get('manifest.json'))));
    for (const name of ['manifest.json', 'signature.json']) files.delete(name);
    const parts = { manifest, files };
    change(parts);
    return await sign(parts, identity);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function sign({ manifest, files }: PackageParts, identity: Identity): Promise<Buffer> {
  const announced = [...files].map(([name, content]) => ({
    ...{ name, bytes: content.length },
    sha256: createHash('sha256').update(content).digest('hex'),
  }));
  const text = Buffer.from(JSON.stringify({ ...manifest, files: announced }));
  const proof = JSON.stringify({ key: identity.key, signature: identity.sign(text) });
  const zip = new ZipFile();
  zip.addBuffer(text, 'manifest.json', { compress: false });
  zip.addBuffer(Buffer.from(proof), 'signature.json', { compress: false });
  for (const [name, content] of files) zip.addBuffer(content, name, { compress: false });
  zip.end();
  return buffer(zip.outputStream);
}
