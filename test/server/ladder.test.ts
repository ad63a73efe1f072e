import assert from 'node:assert/strict';
import { isAtLeast, RUNGS, type Rung } from '../../protocol/link.ts';
import { beginLadder, type Ladder, type Sample, step } from '../../server/lessons/ladder.ts';
import { Resends } from '../../server/lessons/resends.ts';
import { type Limits, pictureBitrate } from '../../server/lessons/rungs.ts';
import { randomFrom } from '../support/link/random.ts';

const FREE: Limits = { choice: 'all', ceilingKbps: null, pictures: true, music: false, downloading: false };

/** What a rung takes of a link beside voice and ink, kbit/s: cameras of three layers. */
const TAKES: Record<Rung, number> = { voice: 20, ink: 26, thumbnail: 76, picture: 180, everyone: 560 };

interface World {
  kbps: number;
  roundTripMs: number;
  loss: number;
  /** All that senders send of their pictures, where that is little, kbit/s. */
  sentKbps?: number;
  /** A device that is too busy to play what came. */
  stutters?: boolean;
  /** What trains tell of a far link, as it is known at `seconds`. */
  train?: (seconds: number) => number;
}

/**
 * A link that answers to what is sent: more than it carries queues, is lost, and spoils the voice. A sample a second,
 * as the server takes them; the estimate creeps up and falls at once, as mediasoup's does.
 */
class Simulation {
  ladder: Ladder = beginLadder(0);
  seconds = 0;
  readonly changes: { at: number; rung: Rung }[] = [];
  /** Of what others are told. */
  readonly tellings: { at: number; up: boolean }[] = [];
  #estimate = 45_000;
  #queueMs = 0;
  readonly world: World;
  limits: Limits;

  constructor(world: World, limits: Limits = FREE) {
    this.world = world;
    this.limits = limits;
  }

  run(seconds: number): this {
    for (let i = 0; i < seconds; i++) this.#second();
    return this;
  }

  #second(): void {
    this.seconds += 1;
    const { kbps, roundTripMs, loss, sentKbps = Number.POSITIVE_INFINITY } = this.world;
    const takes = Math.min(TAKES[this.ladder.rung], TAKES.ink + sentKbps);
    const over = Math.max(0, takes - kbps) / takes;
    this.#queueMs = over > 0 ? Math.min(800, this.#queueMs + 500) : Math.max(0, this.#queueMs - 500);
    const most = pictureBitrate(this.ladder.rung, this.limits);
    const free = Math.max(30_000, (kbps - 26) * 1_000);
    const grown = Math.min(this.#estimate * 1.5, 1_350 * sentKbps);
    this.#estimate = most === 0 ? 45_000 : Math.min(free, most, grown);
    const sample: Sample = {
      at: this.seconds * 1_000,
      estimate: most === 0 ? null : this.#estimate,
      keptBack: most > 0 && this.#estimate < 1_000 * (takes - TAKES.ink),
      loss: Math.min(1, loss + (this.#queueMs >= 800 ? over : 0)),
      roundTripMs: roundTripMs + this.#queueMs,
      concealed: this.world.stutters ? 0.2 : this.#queueMs >= 800 ? over : 0.003,
      carriesKbps: this.#train(),
    };
    const { rung, told } = this.ladder;
    this.ladder = step(this.ladder, sample, this.limits);
    if (this.ladder.rung !== rung) this.changes.push({ at: this.seconds, rung: this.ladder.rung });
    if (this.ladder.told !== told)
      this.tellings.push({ at: this.seconds, up: isAtLeast(this.ladder.told, told) });
  }

  /** After six seconds and each minute while there are no pictures, and not among what queues. */
  #train(): number | null {
    const isDue = this.seconds === 6 || this.seconds % 60 === 0;
    if (!isDue || !isAtLeast('ink', this.ladder.rung) || this.#queueMs > 0) return null;
    return this.world.train?.(this.seconds) ?? null;
  }

  get rung(): Rung {
    return this.ladder.rung;
  }
}

describe('ladder', () => {
  it('is at the top of a good link within ten seconds of joining', () => {
    assert.equal(new Simulation({ kbps: 1_000, roundTripMs: 60, loss: 0 }).run(10).rung, 'everyone');
  });

  it('begins with the thinnest voice where a link is far, and climbs from there', () => {
    const simulation = new Simulation({ kbps: 128, roundTripMs: 600, loss: 0.02 }).run(1);
    assert.equal(simulation.rung, 'voice');
    assert.equal(simulation.run(50).rung, 'voice');
    assert.equal(simulation.run(20).rung, 'ink');
    assert.equal(simulation.run(60).rung, 'thumbnail');
    assert.deepEqual(
      simulation.changes.map(({ rung }) => rung),
      ['voice', 'ink', 'thumbnail'],
    );
  });

  it('begins there at once where the connection itself took so long', () => {
    assert.equal(beginLadder(0, 600).rung, 'voice');
    assert.equal(beginLadder(0, 60).rung, 'ink');
  });

  it('does not climb within a minute of a queue, one that stands from the beginning too', () => {
    const quiet = { estimate: null, keptBack: false, loss: 0, concealed: 0, carriesKbps: null };
    let ladder = beginLadder(0, 2_400);
    const run = (from: number, to: number, roundTripMs: number) => {
      for (let at = from; at < to; at += 1_000) ladder = step(ladder, { at, ...quiet, roundTripMs }, FREE);
    };
    run(1_000, 30_000, 2_200);
    run(30_000, 85_000, 620);
    assert.equal(ladder.rung, 'voice');
    run(85_000, 95_000, 620);
    assert.equal(ladder.rung, 'ink');
  });

  it('climbs within seconds where a train has shown that there is room, and not at all where it has shown none', () => {
    const rungAfter = (carriesKbps: number, seconds: number) => {
      let ladder = beginLadder(0, 600);
      const sample = { estimate: null, keptBack: false, loss: 0.1, roundTripMs: 620, concealed: 0.01 };
      for (let at = 1_000; at <= 1_000 * seconds; at += 1_000)
        ladder = step(ladder, { at, ...sample, carriesKbps: at === 2_000 ? carriesKbps : null }, FREE);
      return ladder.rung;
    };
    assert.equal(rungAfter(64, 5), 'ink');
    assert.equal(rungAfter(64, 600), 'ink');
    assert.equal(rungAfter(24, 600), 'voice');
  });

  it('does not try what may not fit for a minute where no train has told, however little seems to be lost', () => {
    const quiet = { estimate: null, keptBack: false, loss: 0.01, concealed: 0, carriesKbps: null };
    let ladder = beginLadder(0, 600);
    const run = (from: number, to: number) => {
      for (let at = from; at < to; at += 1_000)
        ladder = step(ladder, { at, ...quiet, roundTripMs: 620 }, FREE);
    };
    run(1_000, 60_000);
    assert.equal(ladder.rung, 'voice');
    run(60_000, 65_000);
    assert.equal(ladder.rung, 'ink');
  });

  it('does not take a good link for thin because little is sent: who is called on is seen', () => {
    const world = { kbps: 1_000, roundTripMs: 60, loss: 0, sentKbps: 40 };
    const simulation = new Simulation(world).run(10);
    assert.equal(simulation.rung, 'everyone');
    assert.equal(simulation.run(600).rung, 'everyone');
    assert.equal(simulation.changes.length, 3);
  });

  it('goes straight to what a train has proved, once joining is done', () => {
    const placesOf = (kbps: number, loss: number) => {
      const world = { kbps, roundTripMs: 600, loss, train: () => kbps };
      return new Simulation(world).run(30).changes.map(({ at, rung }) => `${at} s ${rung}`);
    };
    assert.deepEqual(placesOf(128, 0.05), ['1 s voice', '16 s thumbnail']);
    assert.deepEqual(placesOf(1_000, 0), ['1 s voice', '16 s picture']);
    assert.deepEqual(placesOf(64, 0.05), ['1 s voice', '6 s ink']);
    assert.deepEqual(placesOf(128, 0.1), ['1 s voice', '6 s ink']);
  });

  it('bears a small gap of a device that stutters, spares it for a minute where more come, and then longer', () => {
    const simulation = new Simulation({ kbps: 1_000, roundTripMs: 60, loss: 0 }).run(20);
    const stutter = () => {
      simulation.world.stutters = true;
      simulation.run(1);
      simulation.world.stutters = false;
    };
    stutter();
    assert.equal(simulation.run(20).rung, 'everyone');
    stutter();
    stutter();
    assert.equal(simulation.rung, 'ink');
    assert.equal(simulation.run(50).rung, 'ink');
    assert.equal(simulation.run(20).rung, 'everyone');
    const before = simulation.changes.length;
    for (let i = 0; i < 240; i++) {
      stutter();
      simulation.run(4);
    }
    const falls = simulation.changes.slice(before).filter(({ rung }) => rung === 'ink');
    assert.ok(falls.length <= 8, `${falls.length} falls in 20 minutes`);
  });

  it('tells of no step up within a minute of any change, on whatever link does not change', () => {
    for (let seed = 1; seed <= 400; seed++) {
      const random = randomFrom(seed);
      const kbps = Math.round(16 * 250 ** random());
      const world: World = { kbps, roundTripMs: 20 + 880 * random(), loss: 0.15 * random() };
      if (random() < 0.5) world.train = () => kbps * (0.7 + 0.6 * random());
      if (random() < 0.3) world.sentKbps = 500 * random();
      const stuttersOften = random() < 0.3 ? 0.3 * random() : 0;
      const simulation = new Simulation(world);
      simulation.ladder = beginLadder(0, world.roundTripMs);
      while (simulation.seconds < 1_800) {
        world.stutters = random() < stuttersOften;
        simulation.run(1);
      }
      const { tellings } = simulation;
      const about = JSON.stringify({ seed, ...world, tellings });
      for (const [i, { at, up }] of tellings.entries())
        if (up && i > 0) assert.ok(at - (tellings[i - 1]?.at ?? 0) >= 60, about);
      // A fall each is what remains.
      assert.ok(tellings.filter(({ up }) => !up).length <= 30, about);
    }
  });

  const places: [string, World, Rung][] = [
    ['256 kbit/s, 2%', { kbps: 256, roundTripMs: 150, loss: 0.02 }, 'picture'],
    ['128 kbit/s, 5%', { kbps: 128, roundTripMs: 600, loss: 0.05 }, 'thumbnail'],
    ['64 kbit/s, 10%', { kbps: 64, roundTripMs: 600, loss: 0.1 }, 'ink'],
    ['16 kbit/s', { kbps: 16, roundTripMs: 600, loss: 0 }, 'voice'],
  ];
  for (const [name, world, rung] of places) {
    it(`finds the place of ${name} and stays there, with ever fewer changes`, () => {
      const simulation = new Simulation(world).run(60);
      const settled = simulation.changes.length;
      let there = 0;
      for (let i = 0; i < 3_600; i++) there += Number(simulation.run(1).rung === rung);
      assert.ok(there > 0.95 * 3_600, `${there} s of 3600 on ${rung}, now ${simulation.rung}`);
      assert.ok(simulation.changes.length - settled <= 16, `${simulation.changes.length} changes in an hour`);
      const gaps = simulation.changes
        .slice(settled)
        .filter(
          ({ rung: to }, i, all) => i > 0 && RUNGS.indexOf(to) > RUNGS.indexOf(all[i - 1]?.rung ?? 'voice'),
        );
      for (const [i, { at }] of gaps.entries()) if (i > 0) assert.ok(at - (gaps[i - 1]?.at ?? 0) >= 60);
    });
  }

  it('gives way within three seconds when a link shrinks to a tenth', () => {
    const simulation = new Simulation({ kbps: 1_000, roundTripMs: 60, loss: 0 }).run(120);
    assert.equal(simulation.rung, 'everyone');
    simulation.world.kbps = 90;
    simulation.run(3);
    assert.ok(['ink', 'thumbnail'].includes(simulation.rung), simulation.rung);
  });

  it('comes back up when the link does, no faster than one rung a minute', () => {
    const simulation = new Simulation({ kbps: 1_000, roundTripMs: 60, loss: 0 }).run(60);
    simulation.world.kbps = 40;
    simulation.run(30);
    assert.equal(simulation.rung, 'ink');
    const before = simulation.changes.length;
    simulation.world.kbps = 1_000;
    simulation.run(600);
    assert.equal(simulation.rung, 'everyone');
    const ups = simulation.changes.slice(before);
    for (const [i, { at }] of ups.entries()) if (i > 0) assert.ok(at - (ups[i - 1]?.at ?? 0) >= 60);
  });

  it('obeys a choice and a ceiling at once, and the lower of the two', () => {
    const simulation = new Simulation({ kbps: 1_000, roundTripMs: 60, loss: 0 }).run(60);
    simulation.limits = { ...FREE, choice: 'save' };
    assert.equal(simulation.run(1).rung, 'thumbnail');
    simulation.limits = { ...FREE, choice: 'save', ceilingKbps: 50 };
    assert.equal(simulation.run(1).rung, 'ink');
    simulation.limits = { ...FREE, choice: 'voice_only' };
    assert.equal(simulation.run(1).rung, 'voice');
    simulation.limits = FREE;
    assert.notEqual(simulation.run(4).ladder.told, 'voice', 'whoever decided sees each step');
    assert.equal(pictureBitrate('everyone', { ...FREE, ceilingKbps: 200 }), 168_000);
    assert.equal(pictureBitrate('ink', FREE), 0);
  });

  it('promises no picture where there is none', () => {
    const simulation = new Simulation(
      { kbps: 1_000, roundTripMs: 60, loss: 0 },
      { ...FREE, pictures: false },
    );
    assert.equal(simulation.run(60).rung, 'ink');
    simulation.limits = FREE;
    assert.equal(simulation.run(10).rung, 'everyone');
  });

  it('climbs without any measurement, as for a client that reports nothing', () => {
    let ladder = beginLadder(0);
    const nothing = {
      estimate: null,
      keptBack: false,
      loss: null,
      roundTripMs: null,
      concealed: null,
      carriesKbps: null,
    };
    for (let at = 1_000; at < 10_000; at += 1_000) ladder = step(ladder, { at, ...nothing }, FREE);
    assert.equal(ladder.rung, 'everyone');
  });
});

describe('resends', () => {
  it('tell the loss of the last seconds, and nothing before there were enough', () => {
    const resends = new Resends();
    let [sent, resent] = [1_000, 0];
    const second = (again: number) => {
      sent += 17;
      resent += again;
      return resends.read(sent, resent);
    };
    assert.equal(second(0), null);
    assert.equal(second(2), null);
    for (let s = 0; s < 10; s++) second(s % 5 === 0 ? 2 : 1);
    const share = second(1) ?? 0;
    assert.ok(share > 0.05 && share < 0.1, `${share}`);
    // Fewer: a stream is gone. What was known stays.
    assert.equal(resends.read(10, 0), share);
  });
});
