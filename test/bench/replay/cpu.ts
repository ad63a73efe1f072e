import { readFile } from 'node:fs/promises';

/** CPU of this process and of its children that have ended, s. */
export async function cpuSeconds(): Promise<number> {
  const fields = (await readFile('/proc/self/stat', 'utf8')).split(') ')[1]?.split(' ') ?? [];
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return ticks / 100; // USER_HZ
}
