import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Visitor } from './visitor.ts';

const FOLDER = join(tmpdir(), 'tongke-shots');
/** A phone, a laptop, a classroom's screen. */
const SIZES = [
  { width: 360, height: 740 },
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
];

/** With `SHOTS=1`, keeps what the page looks like now at each size: for people to look at, no test compares it. */
export async function shot({ page, language }: Visitor, face: string): Promise<void> {
  if (!process.env.SHOTS) return;
  await mkdir(FOLDER, { recursive: true });
  const own = page.viewportSize();
  for (const size of SIZES) {
    await page.setViewportSize(size);
    await page.evaluate(threeFrames);
    await page.screenshot({ path: join(FOLDER, `${face}-${language}-${size.width}.png`) });
  }
  if (own) await page.setViewportSize(own);
}

/** What follows a new size is drawn by then. Runs in the page. */
async function threeFrames(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame);
}
