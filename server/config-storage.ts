import { join } from 'node:path';
import { z } from 'zod';
import type { S3Options } from './storage/s3.ts';

/** Rows of the environment; a description completes "NAME must be …". */
export const storageVariables = {
  S3_ENDPOINT: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('an http or https address'),
  S3_REGION: z
    .string()
    .regex(/^[a-z0-9-]+$/)
    .default('us-east-1')
    .describe('a region, such as cn-north-1'),
  S3_BUCKET: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/)
    .optional()
    .describe('the name of a bucket'),
  S3_PREFIX: z
    .string()
    .regex(/^([a-z0-9][a-z0-9._-]*\/)*$/)
    .default('')
    .describe('what stands in front of every key, ending in a slash, such as "tongke/"'),
  S3_PATH_STYLE: z.enum(['on', 'off']).optional().describe('on or off'),
  S3_ACCESS_KEY_ID: z.string().min(1).optional().describe('the id of an access key'),
  S3_SECRET_ACCESS_KEY: z.string().min(1).optional().describe('the secret of that access key'),
};

export const STORAGE_SECRETS = ['S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY'] as const;

type Variables = z.output<z.ZodObject<typeof storageVariables>>;

/** Undefined where files stay in `dataDir`. `missing` throws for a name that must be set as well. */
export function readStorage(
  env: Variables,
  dataDir: string,
  missing: (name: string) => never,
): S3Options | undefined {
  if (env.S3_BUCKET === undefined) {
    const set = env.S3_ENDPOINT ?? env.S3_ACCESS_KEY_ID ?? env.S3_SECRET_ACCESS_KEY;
    return set === undefined ? undefined : missing('S3_BUCKET');
  }
  return {
    ...{ bucket: env.S3_BUCKET, region: env.S3_REGION, endpoint: env.S3_ENDPOINT, prefix: env.S3_PREFIX },
    accessKeyId: env.S3_ACCESS_KEY_ID ?? missing('S3_ACCESS_KEY_ID'),
    secretAccessKey: env.S3_SECRET_ACCESS_KEY ?? missing('S3_SECRET_ACCESS_KEY'),
    // Amazon's own wants the bucket in the host's name; hardly anything else has a name for each.
    pathStyle: env.S3_PATH_STYLE === undefined ? env.S3_ENDPOINT !== undefined : env.S3_PATH_STYLE === 'on',
    journal: join(dataDir, 'uploads'),
  };
}
