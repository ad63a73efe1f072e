import type { BrowserContext, Page } from 'playwright-core';

/** Root mean square of a voice, far above what comfort noise and made-up silence have. */
const SOUND = 0.01;

/** Before the context has pages: notes when sound first comes out of one of the page's own players. */
export async function watchSound(context: BrowserContext): Promise<void> {
  await context.addInitScript((least) => {
    const page: Window & { heardAt?: number } = window;
    const analysers = new Map<MediaStream, AnalyserNode>();
    const timer = setInterval(() => {
      for (const player of document.querySelectorAll('audio')) {
        const { srcObject: stream } = player;
        if (!(stream instanceof MediaStream) || player.muted || player.paused) continue;
        let analyser = analysers.get(stream);
        if (!analyser) {
          const audio = new AudioContext();
          analyser = audio.createAnalyser();
          audio.createMediaStreamSource(stream).connect(analyser);
          analysers.set(stream, analyser);
        }
        const samples = new Float32Array(analyser.fftSize);
        analyser.getFloatTimeDomainData(samples);
        const loudness = Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length);
        if (loudness < least) continue;
        page.heardAt = Date.now();
        clearInterval(timer);
      }
    }, 50);
  }, SOUND);
}

/** Wall time of the first sound. */
export async function firstSound(page: Page): Promise<number> {
  const heard = await page.waitForFunction(
    () => (window as Window & { heardAt?: number }).heardAt,
    undefined,
    { polling: 100, timeout: 60_000 },
  );
  return Number(await heard.jsonValue());
}
