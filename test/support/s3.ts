import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import S3rver from 's3rver';
import type { S3Options } from '../../server/storage/s3.ts';

export interface TestS3 {
  readonly options: S3Options;
  /** `S3_…` settings that lead to it. */
  readonly environment: Record<string, string>;
  /** Requests since the start, as method and path with query. */
  readonly requests: string[];
  /** Takes requests, and answers none of them. */
  isSilent: boolean;
  /** Uploads in parts that have neither ended nor been given up. */
  underWay(): Promise<string[]>;
  close(): Promise<void>;
}

const BUCKET = 'tongke';

/** A real server that speaks S3, in this process, with one empty bucket. */
export async function startS3(): Promise<TestS3> {
  const directory = await mkdtemp(join(tmpdir(), 'tongke-s3-'));
  const server = new S3rver({
    ...{ address: '127.0.0.1', port: 0, silent: true, directory: join(directory, 'buckets') },
    configureBuckets: [{ name: BUCKET }],
  });
  const uploads = join(directory, 'buckets', BUCKET, '._S3rver_uploads');
  const requests: string[] = [];
  server.use(async (context, next) => {
    const { method, url = '' } = context.req;
    requests.push(`${method} ${url}`);
    if (s3.isSilent)
      return await new Promise<void>((resolve) => context.req.socket.once('close', () => resolve()));
    const upload = method === 'DELETE' && /[?&]uploadId=([0-9a-f]{32})/.exec(url)?.[1];
    if (!upload) return await next();
    // The one request of those that we make which it does not know.
    await rm(join(uploads, upload), { recursive: true });
    context.status = 204;
  });
  // Before its router, which answers.
  server.middleware.unshift(server.middleware.pop());
  const { port } = await server.run();
  const endpoint = `http://127.0.0.1:${port}`;
  const s3: TestS3 = {
    requests,
    isSilent: false,
    underWay: () => readdir(uploads),
    options: {
      ...{ bucket: BUCKET, region: 'us-east-1', endpoint, accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' },
      ...{ prefix: '', pathStyle: true, journal: join(directory, 'uploads') },
    },
    environment: {
      ...{ S3_ENDPOINT: endpoint, S3_BUCKET: BUCKET },
      ...{ S3_ACCESS_KEY_ID: 'S3RVER', S3_SECRET_ACCESS_KEY: 'S3RVER' },
    },
    async close() {
      await server.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
  return s3;
}
