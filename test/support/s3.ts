import { mkdtemp, rm } from 'node:fs/promises';
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
  const requests: string[] = [];
  server.use(async (context, next) => {
    requests.push(`${context.req.method} ${context.req.url}`);
    await next();
  });
  // Before its router, which answers.
  server.middleware.unshift(server.middleware.pop());
  const { port } = await server.run();
  const endpoint = `http://127.0.0.1:${port}`;
  return {
    requests,
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
}
