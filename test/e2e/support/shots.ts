import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Visitor } from './visitor.ts';

const FOLDER = join(tmpdir(), 'tongke-shots');

/** With `SHOTS=1`, keeps what the page looks like now: for people to look at, no test compares it. */
export async function shot(visitor: Visitor, face: string): Promise<void> {
  if (!process.env.SHOTS) return;
  await mkdir(FOLDER, { recursive: true });
  const { width } = visitor.page.viewportSize() ?? { width: 0 };
  await visitor.page.screenshot({ path: join(FOLDER, `${face}-${visitor.language}-${width}.png`) });
}
