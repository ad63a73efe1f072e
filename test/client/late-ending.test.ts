import assert from 'node:assert/strict';
import { Breaks } from '../../client/lesson/late/breaks.ts';
import { Patience } from '../../client/lesson/late/patience.ts';

const LOOK_MS = 500;
/** Of the late voice, as it is heard while there is something to hear. */
const FASTER = 1.5;

/** Looks at a voice that is heard at `rate` until it is left behind; the seconds until then, or null within two minutes. */
function standsFor(patience: Patience, rate: (now: number) => number, mayStay = false): number | null {
  let heard = 0;
  for (let now = 0; now <= 120_000; now += LOOK_MS) {
    if (patience.isOver(now, heard, mayStay)) return now / 1_000;
    heard += rate(now) * LOOK_MS;
  }
  return null;
}

describe('catching up', () => {
  it('is given up where nothing comes, and never while it gains', () => {
    const stuck = standsFor(new Patience(), () => 0);
    assert.ok(stuck !== null && stuck <= 20, `${stuck} s`);
    assert.equal(
      standsFor(new Patience(), () => FASTER),
      null,
    );
  });

  it('is given up where it stutters for ever', () => {
    const stutters = (now: number) => (now % 4_000 < 2_000 ? FASTER : 0);
    assert.ok((standsFor(new Patience(), stutters) ?? 120) < 50);
  });

  it('is not given up for its halts where it comes nearer in between', () => {
    const halts = (now: number) => (now % 6_000 < 4_500 ? FASTER : 0);
    assert.equal(standsFor(new Patience(), halts), null);
  });

  it('stays behind a link that flaps, and not where nothing is heard there', () => {
    assert.equal(
      standsFor(new Patience(), () => 1, true),
      null,
    );
    assert.ok((standsFor(new Patience(), () => 0, true) ?? 60) <= 20);
  });

  it('takes its time anew where more was missed', () => {
    const patience = new Patience();
    for (let now = 0; now < 14_000; now += LOOK_MS) assert.equal(patience.isOver(now, 0, false), false);
    patience.renew();
    for (let now = 14_000; now < 28_000; now += LOOK_MS) assert.equal(patience.isOver(now, 0, false), false);
  });
});

describe('breaks of a link', () => {
  it('are flapping where they follow each other closely, and until a while after the last', () => {
    const breaks = new Breaks();
    breaks.add(10_000, 12_000);
    assert.equal(breaks.flaps(13_000), false);
    breaks.add(25_000, 28_000);
    assert.equal(breaks.flaps(28_000), true);
    assert.equal(breaks.flaps(47_000), true);
    assert.equal(breaks.flaps(49_000), false);
  });

  it('are not flapping where one of them was an outage', () => {
    const breaks = new Breaks();
    breaks.add(10_000, 12_000);
    breaks.add(20_000, 26_500);
    assert.equal(breaks.flaps(26_500), false);
  });
});
