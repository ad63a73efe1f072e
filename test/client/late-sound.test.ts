import assert from 'node:assert/strict';
import { FASTER, type FromSound, LateSound } from '../../client/lesson/late/sound.ts';

const RATE = 8_000;
const BLOCK = 128;
const PITCH = 200;
const LOUD = 0.5;

/** A tone that is a function of when it sounds, so that a splice in the right place is none. */
const tone = (from: number, length: number) =>
  Float32Array.from({ length }, (_, i) => LOUD * Math.sin((2 * Math.PI * PITCH * (from + i)) / RATE));

class Listener {
  readonly sound: LateSound;
  readonly heard: number[] = [];
  told: FromSound = { at: 0, waiting: true, live: false };
  #live = 0;

  constructor() {
    this.sound = new LateSound(RATE, (message) => {
      this.told = message;
    });
  }

  /** The voice goes on live while one listens. */
  listen(seconds: number, untilLive = false): void {
    for (let done = 0; done < seconds * RATE; done += BLOCK) {
      const output = new Float32Array(BLOCK);
      this.sound.process(tone(this.#live, BLOCK), output);
      this.#live += BLOCK;
      this.heard.push(...output);
      if (untilLive && this.told.live) return;
    }
  }

  liveFrom(at: number): void {
    this.#live = at;
    this.sound.take({ type: 'head', at });
  }
}

/** By its zero crossings, Hz. */
function pitchOf(samples: readonly number[]): number {
  const risings = samples.filter((sample, i) => sample >= 0 && (samples[i - 1] ?? 0) < 0).length;
  return (risings * RATE) / samples.length;
}

const steepest = (samples: readonly number[]) =>
  samples.reduce((most, sample, i) => Math.max(most, Math.abs(sample - (samples[i - 1] ?? sample))), 0);

describe('a voice that is caught up with', () => {
  it('is heard faster at its own pitch, without a click, until it is live', () => {
    const listener = new Listener();
    const missed = 3 * RATE;
    listener.sound.take({ type: 'lack', from: 0, to: missed });
    listener.liveFrom(missed - 800);
    for (let at = 0; at < missed; at += RATE)
      listener.sound.take({ type: 'fill', at, samples: tone(at, RATE) });
    listener.listen(20, true);
    assert.equal(listener.told.live, true);
    const tookS = listener.heard.length / RATE;
    const expectedS = 2.9 / (FASTER - 1); // what it was late, at the speed at which that shrinks
    assert.ok(Math.abs(tookS - expectedS) < 2, `${tookS} s instead of ${expectedS}`);
    const pitch = pitchOf(listener.heard);
    assert.ok(Math.abs(pitch - PITCH) < 4, `${pitch} Hz`);
    const slope = (LOUD * 2 * Math.PI * PITCH) / RATE;
    assert.ok(steepest(listener.heard) < 1.4 * slope, `${steepest(listener.heard)} against ${slope}`);
  });

  it('waits for what is not there yet, and goes on where it was', () => {
    const listener = new Listener();
    listener.sound.take({ type: 'lack', from: 0, to: 4 * RATE });
    listener.sound.take({ type: 'fill', at: 0, samples: tone(0, 3 * RATE) });
    listener.liveFrom(4 * RATE);
    listener.listen(4);
    assert.equal(listener.told.waiting, true);
    assert.equal(listener.told.live, false);
    assert.ok(Math.abs(listener.told.at / RATE - 3) < 0.1, `stands at ${listener.told.at / RATE} s`);
    assert.ok(listener.heard.slice(-RATE).every((sample) => sample === 0));
    listener.sound.take({ type: 'fill', at: 3 * RATE, samples: tone(3 * RATE, RATE) });
    listener.listen(20, true);
    assert.equal(listener.told.live, true);
  });

  it('has a break of its own mended while it is behind', () => {
    const listener = new Listener();
    listener.sound.take({ type: 'lack', from: 0, to: 4 * RATE });
    listener.sound.take({ type: 'fill', at: 0, samples: tone(0, 4 * RATE) });
    listener.liveFrom(4 * RATE);
    listener.listen(1);
    listener.sound.take({ type: 'lack', from: 4.5 * RATE, to: 6 * RATE });
    listener.listen(6);
    assert.ok(Math.abs(listener.told.at / RATE - 4.5) < 0.1, `stands at ${listener.told.at / RATE} s`);
    listener.sound.take({ type: 'fill', at: 4.5 * RATE, samples: tone(4.5 * RATE, 1.5 * RATE) });
    listener.listen(30, true);
    assert.equal(listener.told.live, true);
  });
});
