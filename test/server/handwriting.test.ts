import assert from 'node:assert/strict';
import { measureStrokes } from '../../protocol/ink.ts';
import { GLYPHS } from '../../server/demo/glyphs.ts';
import {
  drawCircle,
  drawFractionBar,
  drawLine,
  type PenStroke,
  writeText,
} from '../../server/demo/handwriting.ts';

const TEXT = ['同课 3x + 5 = 20', '数学分加等于', 'The quick brown fox', 'བོད་'];

describe('generated handwriting', () => {
  it('is the same for the same seed and another for another', () => {
    const options = { x: 100, y: 100, size: 110, seed: 5 };
    assert.deepEqual(writeText('同课', options), writeText('同课', options));
    assert.notDeepEqual(writeText('同课', options), writeText('同课', { ...options, seed: 6 }));
  });

  it('writes every character as valid points near its place, in order', () => {
    for (const letter of GLYPHS.keys()) {
      const { strokes, duration } = writeText(letter, { x: 300, y: 300, size: 100, seed: 1 });
      assert.equal(strokes.length, letter === ' ' ? 0 : (GLYPHS.get(letter)?.path.split(' | ').length ?? 0));
      let now = 0;
      for (const { start, points } of strokes) {
        assert.ok(start >= now, letter);
        now = start + checkPoints(points);
        for (const [x, y] of points)
          assert.ok(x > 280 && x < 420 && y > 280 && y < 420, `${letter} ${x},${y}`);
      }
      assert.ok(duration <= now + 20 && duration >= now - 20);
    }
  });

  it('samples at the rate asked for', () => {
    for (const hz of [66, 120, 240]) {
      const points = drawLine({ x: 0, y: 0 }, { x: 900, y: 300 }, { seed: 3, hz }).strokes[0]?.points ?? [];
      const rate = ((points.length - 1) * 1000) / (points[points.length - 1]?.[2] ?? 1);
      assert.ok(Math.abs(rate - hz) < 0.05 * hz, `${rate}`);
    }
  });

  it('draws shapes', () => {
    for (const [x, y] of drawCircle({ x: 500, y: 500 }, 100, { seed: 2 }).strokes[0]?.points ?? []) {
      assert.ok(Math.abs(Math.hypot(x - 500, y - 500) - 100) < 15);
    }
    for (const [, y] of drawFractionBar(200, 400, 120, { seed: 2 }).strokes[0]?.points ?? []) {
      assert.ok(Math.abs(y - 400) < 8);
    }
  });

  it('is as hard to code as real handwriting: about 5.4 bits a point', () => {
    const strokes: PenStroke[] = [];
    for (let seed = 0; seed < 20; seed++) {
      for (const text of TEXT)
        strokes.push(...writeText(text, { x: 50, y: 100, size: 110, seed: 600 + seed }).strokes);
    }
    const differences = secondDifferenceBits(strokes);
    assert.ok(differences > 4.8 && differences < 5.6, `${differences} bits`);
    const points = strokes.reduce((sum, stroke) => sum + stroke.points.length, 0);
    const whole = measureStrokes(strokes).xy / points;
    assert.ok(whole > 5.2 && whole < 6, `${whole} bits`);
  });
});

/** Returns the time of the last point. */
function checkPoints(points: PenStroke['points']): number {
  let last = 0;
  for (const [x, y, t, pressure] of points) {
    assert.ok(Number.isInteger(x) && Number.isInteger(y) && Number.isInteger(t) && t >= last);
    assert.ok(Number.isInteger(pressure) && pressure > 0 && pressure < 256);
    last = t;
  }
  return last;
}

/** Bits a point after a stroke's first: one adaptive table an axis. */
function secondDifferenceBits(strokes: readonly PenStroke[]): number {
  const tables = [new Map<number, number>(), new Map<number, number>()];
  let bits = 0;
  let count = 0;
  for (const { points } of strokes) {
    for (let i = 1; i < points.length; i++) {
      count++;
      for (const axis of [0, 1] as const) {
        const at = (n: number) => points[Math.max(0, n)]?.[axis] ?? 0;
        const difference = at(i) - 2 * at(i - 1) + at(i - 2);
        const table = tables[axis] ?? new Map<number, number>();
        const seen = table.get(difference) ?? 0;
        bits -= Math.log2((seen + 0.05) / (count - 1 + 0.05 * 256));
        table.set(difference, seen + 1);
      }
    }
  }
  return bits / count;
}
