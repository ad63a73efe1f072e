import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Where clips stay between runs. */
export const FOLDER = process.env.TONGKE_TEST_CLIPS ?? join(tmpdir(), 'tongke-test-clips');

/** Where a clip that was made is. */
export function clipPath(name: string): string {
  return join(FOLDER, name);
}

/** A file that ffmpeg makes once for this machine; `name` says all that goes into it, and its container. */
export async function clip(name: string, ffmpegArguments: readonly string[]): Promise<Buffer> {
  const path = join(FOLDER, name);
  try {
    return await readFile(path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  await mkdir(FOLDER, { recursive: true });
  // Under a name of its own first: several test processes may be making it at once.
  const unfinished = join(FOLDER, `${randomUUID()}-${name}`);
  await promisify(execFile)(process.env.FFMPEG_BIN || 'ffmpeg', [
    ...['-hide_banner', '-loglevel', 'error', '-nostdin', '-y'],
    ...ffmpegArguments,
    unfinished,
  ]);
  await rename(unfinished, path);
  return await readFile(path);
}
