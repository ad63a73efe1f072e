import type { Locator, Page } from 'playwright-core';
import { eventually } from '../../support/eventually.ts';
import type { Scene } from './scene.ts';

/** Half a musical tone at 440 Hz, and more than the spectrum's own steps of 6 Hz. */
const TOLERANCE_HZ = 15;
/** Two syllables and the pause between them. */
const LISTEN_MS = 800;
/** What coding and scaling may make of a colour, of 255. */
const TOLERANCE_COLOUR = 45;

/** Tones (Hz) that sound in this page now, one of each element that plays. Runs in the page. */
async function tones(listenMs: number): Promise<number[]> {
  const context = new AudioContext();
  await context.resume();
  const ears: { analyser: AnalyserNode; hz: number; dB: number }[] = [];
  for (const element of document.querySelectorAll<HTMLMediaElement & { captureStream(): MediaStream }>(
    'audio, video',
  )) {
    if (element.paused || element.muted || element.volume === 0) continue;
    const stream = element.srcObject instanceof MediaStream ? element.srcObject : element.captureStream();
    if (stream.getAudioTracks().length === 0) continue;
    const analyser = new AnalyserNode(context, { fftSize: 8192, smoothingTimeConstant: 0 });
    context.createMediaStreamSource(new MediaStream(stream.getAudioTracks())).connect(analyser);
    ears.push({ analyser, hz: 0, dB: -60 }); // what is softer is no voice
  }
  const spectrum = new Float32Array(4096);
  for (const end = performance.now() + listenMs; performance.now() < end; ) {
    await new Promise((resolve) => setTimeout(resolve, 40));
    for (const ear of ears) {
      ear.analyser.getFloatFrequencyData(spectrum);
      const dB = Math.max(...spectrum);
      if (dB <= ear.dB) continue;
      ear.dB = dB;
      ear.hz = (spectrum.indexOf(dB) * context.sampleRate) / ear.analyser.fftSize;
    }
  }
  await context.close();
  return ears.filter(({ hz }) => hz > 0).map(({ hz }) => hz);
}

/** What can be heard of these scenes in the page; each listening takes 0.8 s. */
async function heard(page: Page, scenes: readonly Scene[]): Promise<Scene[]> {
  const found = await page.evaluate(tones, LISTEN_MS);
  return scenes.filter(({ hz }) => found.some((tone) => Math.abs(tone - hz) < TOLERANCE_HZ));
}

/** Resolves once the page sounds the scene's own tone. */
export async function hears(page: Page, scene: Scene, who: string, timeoutMs?: number): Promise<void> {
  await eventually(
    async () => (await heard(page, [scene])).length > 0,
    `${who} hears ${scene.hz} Hz`,
    timeoutMs,
  );
}

export async function hearsNot(page: Page, scene: Scene, who: string): Promise<void> {
  await eventually(
    async () => (await heard(page, [scene])).length === 0,
    `${who} hears ${scene.hz} Hz no longer`,
  );
}

interface Glimpse {
  readonly width: number;
  readonly time: number;
  /** 32 by 18 pixels, red, green, blue and alpha of each. */
  readonly pixels: readonly number[];
}

/** One frame of a picture. Runs in the page. */
function glimpse(video: Element): Glimpse | null {
  if (!(video instanceof HTMLVideoElement) || video.videoWidth === 0) return null;
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width: 32, height: 18 });
  const context = canvas.getContext('2d');
  context?.drawImage(video, 0, 0, 32, 18);
  const pixels = [...(context?.getImageData(0, 0, 32, 18).data ?? [])];
  return { width: video.videoWidth, time: video.currentTime, pixels };
}

/**
 * Whom a busy machine kept from hearing is given pictures again only when the ladder trusts their link again: half a
 * minute after the first time (`BACKOFF_FIRST_MS` in server/lessons/ladder.ts), a minute after the second.
 */
const PICTURE_MS = 120_000;

/** Resolves once the <video> shows the scene's own colour, and something in it that moves. */
export async function sees(video: Locator, scene: Scene, who: string, timeoutMs = PICTURE_MS): Promise<void> {
  let before: Glimpse | null = null;
  await eventually(
    async () => {
      const now = (await video.count()) === 1 ? await video.evaluate(glimpse) : null;
      if (!now || !hasColour(now, scene)) return false;
      before ??= now;
      return isOther(before, now);
    },
    `${who} sees a moving picture of the ${scene.name}`,
    timeoutMs,
  );
}

/** The median of each channel: the bar covers an eighth of the picture. */
function hasColour({ pixels }: Glimpse, { colour }: Scene): boolean {
  return colour.every((wanted, channel) => {
    const values = pixels.filter((_, i) => i % 4 === channel).sort((a, b) => a - b);
    return Math.abs((values[values.length >> 1] ?? 0) - wanted) < TOLERANCE_COLOUR;
  });
}

/** At least one column has got or lost the bar. */
function isOther(before: Glimpse, now: Glimpse): boolean {
  const changed = now.pixels.filter((value, i) => Math.abs(value - (before.pixels[i] ?? 0)) > 60);
  return changed.length > 3 * 18;
}
