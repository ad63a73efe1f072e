import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { S3Client } from '@aws-sdk/client-s3';
import { z } from 'zod';
import type { ObjectInfo } from '../../protocol/storage.ts';

type Sdk = typeof import('@aws-sdk/client-s3');

/** What is known of an upload under way: its parts by number, the first one's being 1. */
const Journal = z.object({
  key: z.string(),
  upload: z.string(),
  parts: z.array(z.object({ md5: z.string(), etag: z.string() })),
});
type Journal = z.infer<typeof Journal>;

export interface S3Place {
  readonly Bucket: string;
  readonly Key: string;
  /** A folder that outlives the process. */
  readonly journal: string;
}

/**
 * One large object on its way into a bucket, in parts. Which parts have arrived is noted on the disk: when the same
 * content is sent again after a break, those that are there already are only compared.
 */
export class S3Upload {
  readonly #sdk: Sdk;
  readonly #client: S3Client;
  readonly #place: { Bucket: string; Key: string };
  readonly #path: string;
  readonly #folder: string;

  constructor(sdk: Sdk, client: S3Client, { Bucket, Key, journal }: S3Place) {
    this.#sdk = sdk;
    this.#client = client;
    this.#place = { Bucket, Key };
    this.#folder = journal;
    this.#path = join(journal, `${createHash('sha256').update(`${Bucket}/${Key}`).digest('hex')}.json`);
  }

  /** `confirmed`: the store's own tag says that it has what was sent. */
  async send(first: Buffer, rest: AsyncIterator<Buffer>): Promise<{ info: ObjectInfo; confirmed: boolean }> {
    const journal = (await this.#read()) ?? (await this.#begin());
    try {
      return await this.#sendParts(journal, first, rest);
    } catch (error) {
      // The store has given it up meanwhile: the next try begins a new one.
      if (error instanceof Error && error.name === 'NoSuchUpload') await rm(this.#path, { force: true });
      throw error;
    }
  }

  /** Gives up what was begun. */
  async forget(): Promise<void> {
    const journal = await this.#read();
    if (!journal) return;
    try {
      await this.#client.send(
        new this.#sdk.AbortMultipartUploadCommand({ ...this.#place, UploadId: journal.upload }),
      );
    } catch (error) {
      if (!(error instanceof Error && error.name === 'NoSuchUpload')) throw error;
    }
    await rm(this.#path, { force: true });
  }

  async #sendParts(journal: Journal, first: Buffer, rest: AsyncIterator<Buffer>) {
    const whole = createHash('sha256');
    const sums = createHash('md5');
    const sent: { md5: string; etag: string }[] = [];
    let bytes = 0;
    for (let data: Buffer | undefined = first; data; data = await nextOf(rest)) {
      whole.update(data);
      bytes += data.length;
      const md5 = createHash('md5').update(data).digest();
      sums.update(md5);
      const known = journal.parts[sent.length];
      const isThere = known?.md5 === md5.toString('hex');
      sent.push(isThere ? known : await this.#sendPart(journal.upload, sent.length + 1, data, md5));
      if (!isThere) await this.#write({ ...journal, parts: [...sent] });
    }
    const { ETag } = await this.#client.send(
      new this.#sdk.CompleteMultipartUploadCommand({
        ...this.#place,
        UploadId: journal.upload,
        MultipartUpload: { Parts: sent.map(({ etag }, index) => ({ ETag: etag, PartNumber: index + 1 })) },
      }),
    );
    await rm(this.#path, { force: true });
    const expected = `${sums.digest('hex')}-${sent.length}`;
    return {
      info: { bytes, sha256: whole.digest('hex') },
      confirmed: ETag?.replaceAll('"', '') === expected,
    };
  }

  async #sendPart(upload: string, number: number, data: Buffer, md5: Buffer) {
    const { ETag } = await this.#client.send(
      new this.#sdk.UploadPartCommand({
        ...this.#place,
        ...{ UploadId: upload, PartNumber: number, Body: data, ContentMD5: md5.toString('base64') },
      }),
    );
    if (!ETag) throw new Error(`part ${number} of ${this.#place.Key} was not acknowledged`);
    return { md5: md5.toString('hex'), etag: ETag };
  }

  async #begin(): Promise<Journal> {
    const { UploadId } = await this.#client.send(new this.#sdk.CreateMultipartUploadCommand(this.#place));
    if (!UploadId) throw new Error(`an upload of ${this.#place.Key} was not begun`);
    const journal = { key: this.#place.Key, upload: UploadId, parts: [] };
    await this.#write(journal);
    return journal;
  }

  async #read(): Promise<Journal | null> {
    return await readJournal(this.#path);
  }

  async #write(journal: Journal): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const fresh = `${this.#path}.new`;
    await writeFile(fresh, JSON.stringify(journal), { mode: 0o600 });
    await rename(fresh, this.#path);
  }
}

/** Keys, with their bucket's own prefix, of uploads that were begun and have not ended. */
export async function* keysUnderWay(folder: string): AsyncIterable<string> {
  const names = await readdir(folder).catch(() => []); // nothing large was ever sent
  for (const name of names) {
    const journal = name.endsWith('.json') ? await readJournal(join(folder, name)) : null;
    if (journal) yield journal.key;
  }
}

async function readJournal(path: string): Promise<Journal | null> {
  try {
    return Journal.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return null; // none, or torn: what was sent is sent again
  }
}

async function nextOf(parts: AsyncIterator<Buffer>): Promise<Buffer | undefined> {
  const next = await parts.next();
  return next.done ? undefined : next.value;
}
