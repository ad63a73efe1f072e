import assert from 'node:assert/strict';
import { guideAt, type Instrument, ledBy, placeOn, withinReach } from '../../client/board/instruments.ts';
import type { Place } from '../../protocol/board-events.ts';

const near = ([x, y]: Place, [toX, toY]: Place) => Math.hypot(x - toX, y - toY) < 1e-6;
const DEGREES_30 = Math.PI / 6;

describe('instruments', () => {
  it('lead a pen along the edge it went down at, turned as they lie, and no further than the edge goes', () => {
    const ruler: Instrument = { kind: 'ruler', at: [900, 500], angle: DEGREES_30, size: 400 };
    const guide = guideAt(ruler, placeOn(ruler.at, DEGREES_30, 50, -20));
    assert.ok(guide);
    assert.ok(near(guide(placeOn(ruler.at, DEGREES_30, 120, 45)), placeOn(ruler.at, DEGREES_30, 120, 0)));
    assert.ok(near(guide(placeOn(ruler.at, DEGREES_30, 999, 0)), placeOn(ruler.at, DEGREES_30, 200, 0)));
    assert.equal(guideAt(ruler, placeOn(ruler.at, DEGREES_30, 50, 60)), null, 'beside it one writes freely');
  });

  it('have all three sides of a set square, and the straight and the round edge of a protractor', () => {
    const square: Instrument = { kind: 'square', at: [500, 800], angle: 0, size: 300 };
    const along = (on: Instrument, down: Place, to: Place) => guideAt(on, down)?.(to) ?? [NaN, NaN];
    assert.ok(near(along(square, [600, 805], [650, 840]), [650, 800]));
    assert.ok(near(along(square, [495, 700], [470, 600]), [500, 600]));
    assert.ok(near(along(square, [650, 645], [720, 680]), [700, 700]), 'the long side, at 45 degrees');
    const protractor: Instrument = { kind: 'protractor', at: [900, 700], angle: 0, size: 300 };
    assert.ok(near(along(protractor, [1000, 702], [1100, 650]), [1100, 700]));
    assert.ok(near(along(protractor, [900, 395], [900, 100]), [900, 400]));
  });

  it('draw a circle about the compass’s point, on the grid of the pen', () => {
    const compass: Instrument = { kind: 'compass', at: [960, 540], angle: 1, size: 240 };
    const guide = guideAt(compass, [1195, 545]);
    assert.ok(guide);
    for (const place of [
      [960, 100],
      [100, 540],
      [1500, 1000],
    ] satisfies Place[]) {
      const [x, y] = ledBy(guide, 4)([...place, 7, 128]);
      assert.ok(Math.abs(Math.hypot(x - 960, y - 540) - 240) < 0.25, `${x}, ${y}`);
      assert.equal((x * 4) % 1, 0);
    }
  });

  it('cannot be pushed off the page, from where nobody would get them back', () => {
    const ruler: Instrument = { kind: 'ruler', at: [-700, 1_300], angle: 0, size: 1_000 };
    assert.deepEqual(withinReach(ruler).at, [0, 1_025], 'its body lies below its edge');
    const square: Instrument = { kind: 'square', at: [2_400, 500], angle: 0, size: 500 };
    assert.deepEqual(withinReach(square).at, [1_820, 500]);
    assert.deepEqual(withinReach({ ...square, at: [900, 500] }).at, [900, 500]);
  });
});
