import assert from 'node:assert/strict';
import { LinkReporter } from '../../client/lesson/link.ts';
import { TrainMeter } from '../../client/lesson/train-meter.ts';
import { encodeFeed } from '../../protocol/feed-line.ts';
import { CAR_ON_LINK, CARS, decodeCar, encodeTrain } from '../../protocol/train-line.ts';

describe('a train of datagrams', () => {
  /** One that a link of so much brings, but for those cars that it loses; what the meter says last. */
  function bring(
    meter: TrainMeter,
    train: number,
    kbps: number,
    lost: readonly number[] = [],
  ): number | null {
    let [now, told] = [1_000 * train, null as number | null];
    for (const [index, datagram] of encodeTrain(train).entries()) {
      now += (8 * CAR_ON_LINK) / kbps;
      const car = decodeCar(datagram);
      assert.deepEqual(car, { train, index });
      if (car && !lost.includes(index)) told = meter.read(car, now) ?? told;
    }
    return told;
  }

  it('tells what the link carries, and tells it once', () => {
    const meter = new TrainMeter();
    assert.equal(bring(meter, 1, 24), 24);
    assert.equal(bring(meter, 2, 64), 64);
    for (const lost of Array(CARS).keys())
      assert.equal(bring(meter, 3 + lost, 128, [lost]), 128, 'all but one');
  });

  it('tells nothing of two cars or of one that was overtaken', () => {
    const meter = new TrainMeter();
    assert.equal(bring(meter, 1, 24, [CARS - 1]), 24);
    assert.equal(bring(meter, 3, 24, [0, 1]), null);
    assert.equal(meter.read({ train: 1, index: CARS - 1 }, 9_900), null);
  });

  it('is not taken for entries, nor entries for it', () => {
    assert.equal(decodeCar(encodeFeed({ epoch: 17_000_000_000, first: 0, parts: [] })), null);
    assert.equal(decodeCar(new Uint8Array(0)), null);
  });
});

describe('what a link is known to carry', () => {
  it('is the better of its last two trains: one alone proves nothing', () => {
    const link = new LinkReporter({
      connection: { connected: true, ask: () => new Promise(() => undefined) },
      measure: () => Promise.resolve(null),
      report: (error) => assert.fail(String(error)),
    });
    const told = [20, 60, 12, 14].map((kbps) => {
      link.carries(kbps);
      return link.carried;
    });
    assert.deepEqual(told, [null, 60, 60, 14]);
  });
});
