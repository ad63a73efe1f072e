import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import type { ByteRange, ObjectInfo, ObjectStore } from '../../protocol/storage.ts';
import { chunked } from './chunked.ts';
import { keysUnderWay, S3Upload } from './s3-upload.ts';
import { WatchedStore } from './watched.ts';

export interface S3Options {
  readonly bucket: string;
  readonly region: string;
  /** Absent: Amazon's own. */
  readonly endpoint?: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** In front of every key, with its slash; empty where the bucket is ours alone. */
  readonly prefix: string;
  /** The bucket in the path rather than in the host's name: what most stores other than Amazon's want. */
  readonly pathStyle: boolean;
  /** A folder that remembers uploads that broke off. */
  readonly journal: string;
  /** How long the store may say nothing in the midst of a request, ms; `IDLE_MS` where it is not given. */
  readonly idleMs?: number;
}

/** What is larger goes up in parts, so that a line that breaks costs one of them. S3 takes none below 5 MiB. */
export const PART_BYTES = 8 * 1024 * 1024;
/** What does not let itself be reached for so long is away, ms. */
const CONNECT_MS = 5_000;
/** A store that says nothing for so long will not: whatever waits behind that request would wait for ever. */
const IDLE_MS = 60_000;
/** Of an object that was put in one piece. */
const CHECKSUM = 'sha256';

/** Objects in a bucket of Amazon S3 or of anything that speaks its protocol. The SDK is loaded only where it is used. */
export async function openS3Store(options: S3Options): Promise<ObjectStore> {
  const sdk = await import('@aws-sdk/client-s3');
  const { accessKeyId, secretAccessKey } = options;
  const client = new sdk.S3Client({
    region: options.region,
    endpoint: options.endpoint,
    forcePathStyle: options.pathStyle,
    credentials: { accessKeyId, secretAccessKey },
    requestHandler: { connectionTimeout: CONNECT_MS, socketTimeout: options.idleMs ?? IDLE_MS },
    // Trailing checksums are Amazon's own; other stores refuse them. What is sent is checked by its MD5 instead.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  return new WatchedStore(new S3Store(sdk, client, options));
}

type Sdk = typeof import('@aws-sdk/client-s3');

class S3Store implements ObjectStore {
  readonly #sdk: Sdk;
  readonly #client: S3Client;
  readonly #options: S3Options;

  constructor(sdk: Sdk, client: S3Client, options: S3Options) {
    this.#sdk = sdk;
    this.#client = client;
    this.#options = options;
  }

  async put(key: string, content: AsyncIterable<Uint8Array>): Promise<ObjectInfo> {
    const parts = chunked(content, PART_BYTES)[Symbol.asyncIterator]();
    const first = await parts.next();
    const head = first.done ? Buffer.alloc(0) : first.value;
    if (head.length < PART_BYTES) return await this.#putWhole(key, head);
    const upload = new S3Upload(this.#sdk, this.#client, {
      ...this.#place(key),
      journal: this.#options.journal,
    });
    const { info, confirmed } = await upload.send(head, parts);
    if (!confirmed) await this.#readBack(key, info);
    return info;
  }

  async info(key: string): Promise<ObjectInfo | null> {
    try {
      const found = await this.#client.send(new this.#sdk.HeadObjectCommand(this.#place(key)));
      const known = found.Metadata?.[CHECKSUM];
      if (known) return { bytes: found.ContentLength ?? 0, sha256: known };
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
    return await this.#measure(key);
  }

  async read(key: string, range?: ByteRange): Promise<AsyncIterable<Uint8Array> | null> {
    const Range = range && `bytes=${range.from}-${range.to}`;
    try {
      const { Body } = await this.#client.send(
        new this.#sdk.GetObjectCommand({ ...this.#place(key), Range }),
      );
      return isReadable(Body) ? Body : null;
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }

  async remove(key: string): Promise<void> {
    const place = { ...this.#place(key), journal: this.#options.journal };
    await new S3Upload(this.#sdk, this.#client, place).forget();
    await this.#client.send(new this.#sdk.DeleteObjectCommand(this.#place(key)));
  }

  async *keys(prefix: string): AsyncIterable<string> {
    const { bucket, prefix: own } = this.#options;
    let token: string | undefined;
    do {
      const page = await this.#client.send(
        new this.#sdk.ListObjectsV2Command({
          ...{ Bucket: bucket, Prefix: own + prefix, ContinuationToken: token },
        }),
      );
      for (const { Key } of page.Contents ?? []) if (Key) yield Key.slice(own.length);
      token = page.NextContinuationToken;
    } while (token !== undefined);
    for await (const key of keysUnderWay(this.#options.journal)) {
      if (key.startsWith(own + prefix)) yield key.slice(own.length);
    }
  }

  async #putWhole(key: string, data: Buffer): Promise<ObjectInfo> {
    const info = { bytes: data.length, sha256: createHash('sha256').update(data).digest('hex') };
    const md5 = createHash('md5').update(data).digest();
    const { ETag } = await this.#client.send(
      new this.#sdk.PutObjectCommand({
        ...this.#place(key),
        ...{ Body: data, ContentMD5: md5.toString('base64'), Metadata: { [CHECKSUM]: info.sha256 } },
      }),
    );
    if (ETag?.replaceAll('"', '') !== md5.toString('hex')) await this.#readBack(key, info);
    return info;
  }

  /** For stores whose tag is no checksum, as with keys of their own: what was sent is fetched and compared. */
  async #readBack(key: string, sent: ObjectInfo): Promise<void> {
    const found = await this.#measure(key);
    if (found?.sha256 !== sent.sha256) throw new Error(`${key} is not in the store as it was sent`);
  }

  async #measure(key: string): Promise<ObjectInfo | null> {
    const content = await this.read(key);
    if (!content) return null;
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const chunk of content) {
      hash.update(chunk);
      bytes += chunk.length;
    }
    return { bytes, sha256: hash.digest('hex') };
  }

  #place(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.#options.bucket, Key: this.#options.prefix + key };
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && (error.name === 'NoSuchKey' || error.name === 'NotFound');
}

function isReadable(body: unknown): body is Readable {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
}
