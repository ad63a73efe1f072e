/** A lost packet is asked for and sent again once: a round trip, and time to notice, at 60 ms a frame. */
const NOTICE_MS = 100;
/** The SFU keeps a second of voice: what is asked for later than that is not there any more. */
const MOST_MS = 1_500;
/** Below this nothing is worth waiting for: concealment of a frame in a hundred is not heard. */
const CLEAN = 0.01;
/** From here on a resend takes longer than browsers hold a voice back by themselves. */
const SLOW_MS = 400;
/** A lossy link is not trusted again sooner: every change of the target stretches or squeezes the voice. */
const FORGET_MS = 60_000;
/** Smaller changes are not worth a stretch. */
const STEP_MS = 100;

/** What a link does to packets. */
export interface Behaviour {
  /** Requests to send something again, for each packet that came. */
  readonly asked: number;
  /** Round trip of the media path; null before it is known. */
  readonly pathMs: number | null;
}

/**
 * How long to hold a voice back before it is played, so that what is lost can be sent again in time. Nothing on a
 * clean link, where the browser knows best; two round trips on a lossy one, for a resend that may be lost once more.
 */
export class Playout {
  #lossyAt = Number.NEGATIVE_INFINITY;
  #targetMs: number | null = null;
  #asked = 0;

  /** Null leaves it to the browser. */
  get targetMs(): number | null {
    return this.#targetMs;
  }

  /** Before anything was measured: a link as slow as a satellite's is taken to lose packets until it shows otherwise. */
  expect(roundTripMs: number, now = performance.now()): void {
    if (this.#targetMs !== null || roundTripMs < SLOW_MS) return;
    this.#lossyAt = now;
    this.#targetMs = targetFor(roundTripMs);
  }

  follow({ asked, pathMs }: Behaviour, now = performance.now()): void {
    this.#asked += (asked - this.#asked) * 0.2;
    if (this.#asked > CLEAN) this.#lossyAt = now;
    if (now - this.#lossyAt > FORGET_MS) {
      this.#targetMs = null;
      return;
    }
    if (pathMs === null) return;
    const target = targetFor(pathMs);
    // Up at once; down only by much, since round trips swing.
    const { targetMs } = this;
    if (targetMs === null || target > targetMs || target < targetMs / 2) this.#targetMs = target;
  }
}

function targetFor(roundTripMs: number): number {
  return Math.min(MOST_MS, Math.round((2 * roundTripMs + NOTICE_MS) / STEP_MS) * STEP_MS);
}

/** `jitterBufferTarget` (WebRTC extensions) is not yet in every browser, nor in the types of the DOM. */
export function setPlayout(receiver: RTCRtpReceiver, targetMs: number | null): void {
  if ('jitterBufferTarget' in receiver && receiver.jitterBufferTarget !== targetMs)
    receiver.jitterBufferTarget = targetMs;
}
