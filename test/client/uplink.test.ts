import assert from 'node:assert/strict';
import { readUplink, Uplink, type UplinkSample } from '../../client/lesson/uplink.ts';

/** What so many layers and the voice take, kbit/s. */
const TAKES = [20, 70, 220, 720];

/** An uplink that answers to what is sent; the estimate follows, as a browser's does. */
class Simulation {
  readonly uplink = new Uplink();
  readonly changes: number[] = [];
  kbps: number;
  layers = 1;
  hears = true;
  #answers = 0;
  #at = 0;
  #queueMs = 0;

  constructor(kbps: number) {
    this.kbps = kbps;
  }

  run(seconds: number): this {
    for (let i = 0; i < seconds; i++) {
      this.#at += 1_000;
      if (this.hears) this.#answers += 1;
      const over = Math.max(0, (TAKES[this.layers] ?? 0) - this.kbps);
      this.#queueMs = over > 0 ? Math.min(1_500, this.#queueMs + 600) : Math.max(0, this.#queueMs - 600);
      const roundTripMs = 600 + this.#queueMs;
      const sample: UplinkSample = {
        ...{ at: this.#at, roundTripMs, shortestMs: roundTripMs },
        availableKbps: Math.min(this.kbps, 3 * (TAKES[this.layers] ?? 0)),
        loss: 0.05 + (this.#queueMs >= 1_500 ? 0.2 : 0),
        answers: this.#answers,
      };
      const layers = this.uplink.step(sample);
      if (layers !== this.layers) this.changes.push(this.#at);
      this.layers = layers;
    }
    return this;
  }
}

describe('an uplink', () => {
  for (const [kbps, layers] of [
    [32, 0],
    [128, 1],
    [300, 2],
    [2_000, 3],
  ] as const) {
    it(`of ${kbps} kbit/s carries the voice and ${layers} layers of a picture, without flapping`, () => {
      const simulation = new Simulation(kbps).run(120);
      let there = 0;
      const before = simulation.changes.length;
      for (let i = 0; i < 1_800; i++) there += Number(simulation.run(1).layers === layers);
      assert.ok(there > 1_600, `${there} s of 1800, now ${simulation.layers}`);
      assert.ok(simulation.changes.length - before <= 30, `${simulation.changes.length - before} changes`);
    });
  }

  it('gives up the picture within three seconds when it shrinks', () => {
    const simulation = new Simulation(2_000).run(60);
    simulation.kbps = 40;
    simulation.run(3);
    assert.ok(simulation.layers <= 1);
    assert.equal(simulation.run(3).layers, 0);
  });

  it('gives up the picture within four seconds when nothing is heard of it, and takes it up again', () => {
    const simulation = new Simulation(2_000).run(120);
    assert.equal(simulation.layers, 3);
    simulation.hears = false;
    assert.equal(simulation.run(4).layers, 0);
    assert.equal(simulation.run(60).layers, 0);
    simulation.hears = true;
    assert.equal(simulation.run(20).layers, 3);
  });

  it('is read from what browsers count, and not guessed where they count nothing', () => {
    const nothing = { availableKbps: null, roundTripMs: null, shortestMs: null, loss: null, answers: null };
    assert.deepEqual(readUplink([], 5), { at: 5, ...nothing });
    const report = { type: 'remote-inbound-rtp', roundTripTimeMeasurements: 2 };
    const voice = { ...report, timestamp: 1, kind: 'audio', roundTripTime: 0.7, fractionLost: 0.1 };
    const picture = { ...report, timestamp: 2, kind: 'video', roundTripTime: 0.9 };
    const pair = { type: 'candidate-pair', responsesReceived: 3, currentRoundTripTime: 0.5 };
    const used = { ...pair, nominated: true, availableOutgoingBitrate: 90_000 };
    const sample = readUplink([voice, picture, pair, used, { type: 'codec' }], 5);
    const trips = { roundTripMs: 900, shortestMs: 500 };
    assert.deepEqual(sample, { at: 5, availableKbps: 90, ...trips, loss: 0.1, answers: 10 });
  });
});
