import type { Locator, Page } from 'playwright-core';
import type { LogEntry } from '../../protocol/events.ts';
import { digest, EMPTY_LESSON, reduce } from '../../protocol/lesson.ts';

/** What one frame of the face says of itself; read in one go behind what draws it, so that nothing moves in between. */
export interface Instant {
  readonly time: number;
  readonly digest: string | null;
  readonly state: string;
  readonly media: number;
}

/** What the log says the board was at `t`. */
export function boardDigest(log: readonly LogEntry[], t: number): string {
  return digest(log.filter((entry) => entry.t <= t).reduce(reduce, EMPTY_LESSON).board);
}

export const button = (page: Page, name: string): Locator => page.getByRole('button', { name, exact: true });
export const root = (page: Page): Locator => page.locator('main[data-time]');

export const instant = (page: Page): Promise<Instant> =>
  root(page).evaluate(async (element: HTMLElement) => {
    await new Promise(requestAnimationFrame);
    return {
      time: Number(element.dataset.time),
      digest: element.dataset.digest ?? null,
      state: element.dataset.state ?? '',
      media: element.querySelector('video')?.currentTime ?? -1,
    };
  });

/** Resolves with the first instant that is like that; looks on every frame. */
export async function until(page: Page, holds: (now: Instant) => boolean): Promise<Instant> {
  for (;;) {
    const now = await instant(page);
    if (holds(now)) return now;
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
}

/** By the scrubber, as a keyboard or a screen reader sets it; the replay begins at lesson time `from`. */
export async function seek(page: Page, from: number, t: number): Promise<void> {
  await page.getByRole('slider', { name: 'Position' }).fill(String(t - from));
  await until(page, (now) => now.time === t && now.state !== 'waiting');
}

/** The renderer's turn: it draws in a frame after it was told. Runs in the page. */
export async function threeFrames(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame);
}

/** How far to the right there is ink on the line around `y`, in board units. Runs in the page. */
export function inkUntil(y: number): number {
  const layers = [...document.querySelectorAll<HTMLCanvasElement>('[role="img"] canvas')];
  return Math.max(
    ...layers.map((canvas) => {
      const scale = canvas.width / 1920;
      const band = { top: Math.round((y - 40) * scale), height: Math.round(80 * scale) };
      const pixels = canvas.getContext('2d')?.getImageData(0, band.top, canvas.width, band.height).data ?? [];
      let right = 0;
      pixels.forEach((value, i) => {
        if (i % 4 === 3 && value > 128) right = Math.max(right, ((i - 3) / 4) % canvas.width);
      });
      return right / scale;
    }),
  );
}
