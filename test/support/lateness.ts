import type { Page } from 'playwright-core';

/** What was heard and shown behind the lesson, so far. */
export interface Lateness {
  /** Seconds of the late voice, and those of them in which somebody spoke. */
  readonly heard: number;
  readonly spoken: number;
  /** Seconds in which it had to wait. */
  readonly waited: number;
  /** Seconds of live voice that were made up, while nothing was behind. */
  readonly madeUp: number;
  /** How often ink was shown that was written later than what was heard. */
  readonly early: number;
  readonly mostMs: number;
  /** Batches of ink that were shown live. */
  readonly liveStrokes: number;
}

/** Live ink is ahead of a voice that is held back by so much at most, and what is measured is by the second, ms. */
const AHEAD_MS = 3_000;

/** Keeps in the page what becomes of its lesson's late voice: listens to it ten times a second. */
export async function watchLateness(page: Page): Promise<void> {
  await page.evaluate((aheadMs) => {
    const view: Window & { lateness?: Lateness; connections?: RTCPeerConnection[] } = window;
    const sums = { heard: 0, spoken: 0, waited: 0, madeUp: 0, early: 0, mostMs: 0, liveStrokes: 0 };
    view.lateness = sums;
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    const samples = new Float32Array(analyser.fftSize);
    let source: MediaStreamAudioSourceNode | null = null;
    let heard: MediaStreamTrack | null = null;
    let before = 0;
    setInterval(async () => {
      let concealed = 0;
      for (const connection of (view.connections ?? []).filter((each) => each.connectionState !== 'closed'))
        for (const stat of (await connection.getStats()).values())
          if (stat.type === 'inbound-rtp' && stat.kind === 'audio')
            concealed += ((stat.concealedSamples ?? 0) - (stat.silentConcealedSamples ?? 0)) / 48_000;
      if (!window.session.view().behind) sums.madeUp += Math.max(0, concealed - before);
      before = concealed;
    }, 100);
    setInterval(() => {
      const { behind } = window.session.view();
      if (!behind) return;
      sums.mostMs = Math.max(sums.mostMs, behind.ms);
      if (behind.voice && behind.voice !== heard) {
        heard = behind.voice;
        source?.disconnect();
        source = context.createMediaStreamSource(new MediaStream([heard]));
        source.connect(analyser);
      }
      if (behind.waiting) sums.waited += 0.1;
      if (!source || behind.waiting) return;
      analyser.getFloatTimeDomainData(samples);
      sums.heard += 0.1;
      if (samples.some((sample) => Math.abs(sample) > 0.02)) sums.spoken += 0.1;
    }, 100);
    window.session.onEntry(({ t, event }) => {
      const { behind } = window.session.view();
      if (event.type !== 'ink.drawn') return;
      if (!behind) sums.liveStrokes += 1;
      else if (t > window.session.now() - behind.ms + aheadMs) sums.early += 1;
    });
  }, AHEAD_MS);
}

export async function readLateness(page: Page): Promise<Lateness> {
  return page.evaluate(() => {
    const view: Window & { lateness?: Lateness } = window;
    if (!view.lateness) throw new Error('nobody listens');
    return view.lateness;
  });
}
