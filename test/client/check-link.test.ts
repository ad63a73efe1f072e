import assert from 'node:assert/strict';
import { lossIn } from '../../client/devices/check/link.ts';

/** Answers after `roundTripMs`, unevenly; those of `lost` come once they were sent again. */
function exchanges(roundTripMs: number, lost: readonly number[] = []) {
  return Array.from({ length: 20 }, (_, i) => {
    const jitter = (i * 37) % 60;
    const again = lost.includes(i) ? roundTripMs + 200 : 0;
    return { tookMs: roundTripMs + jitter + again, stalled: false };
  });
}

describe('what a check sees of lost packets', () => {
  it('is nothing on a link that only takes its time', () => {
    for (const roundTripMs of [4, 80, 600, 1_200]) assert.equal(lossIn(exchanges(roundTripMs)), 0);
  });

  it('is every answer that had to be sent again, near or far', () => {
    for (const roundTripMs of [4, 80, 600, 1_200]) {
      assert.equal(lossIn(exchanges(roundTripMs, [2, 3, 14, 19])), 0.1);
    }
  });

  it('is not what the page itself was too busy to take', () => {
    const busy = exchanges(30, [2, 14]).map((one) => ({ ...one, stalled: true }));
    assert.equal(lossIn(busy), 0);
  });
});
