import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** Lower-case hex of a file's SHA-256. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}
