import assert from 'node:assert/strict';
import { strokesTouched } from '../../client/board/eraser.ts';
import { decodeStroke } from '../../client/board/stroke-path.ts';
import { toBase64url } from '../../protocol/base64.ts';
import type { BoardPage, Stroke } from '../../protocol/board.ts';
import { encodeInk, InkEncoder, type InkPoint } from '../../protocol/ink.ts';

const brush = { tool: 'pen', colour: '#112233', width: 6, grid: 1 } as const;

function strokeOf(
  id: string,
  places: readonly (readonly [number, number])[],
  more: Partial<Stroke> = {},
): Stroke {
  const points = places.map(([x, y], i): InkPoint => [x, y, i * 8, 128]);
  return { id, by: 'a', brush, t: 0, chunks: [encodeInk([], points)], done: true, hidden: false, ...more };
}

const pageOf = (...strokes: Stroke[]): BoardPage => ({
  id: 'page1',
  kind: 'blank',
  strokes: Object.fromEntries(strokes.map((stroke) => [stroke.id, stroke])),
});

describe('eraser', () => {
  const line = strokeOf('line', [
    [100, 100],
    [500, 100],
  ]);
  const dot = strokeOf('dot', [[300, 400]]);
  const page = pageOf(line, dot);

  it('touches a stroke between two of its points', () => {
    assert.deepEqual(strokesTouched(page, [300, 105], [300, 105]), ['line']);
    assert.deepEqual(strokesTouched(page, [300, 117], [300, 117]), ['line']); // 14 + half of 6
    assert.deepEqual(strokesTouched(page, [300, 118], [300, 118]), []);
  });

  it('touches what a quick swipe crosses, however far apart its own points are', () => {
    assert.deepEqual(strokesTouched(page, [300, 0], [300, 300]), ['line']);
    assert.deepEqual(strokesTouched(page, [300, 0], [300, 1000]), ['line', 'dot']);
    assert.deepEqual(strokesTouched(page, [600, 0], [600, 1000]), []);
  });

  it('does not take a box for a stroke', () => {
    const ring = strokeOf('ring', [
      [0, 0],
      [400, 0],
      [400, 400],
      [0, 400],
      [0, 0],
    ]);
    assert.deepEqual(strokesTouched(pageOf(ring), [200, 200], [210, 210]), []);
  });

  it('passes over what is hidden already', () => {
    assert.deepEqual(strokesTouched(pageOf({ ...line, hidden: true }), [300, 100], [300, 100]), []);
  });
});

describe('decoded strokes', () => {
  const points = Array.from({ length: 40 }, (_, i): InkPoint => [100 + i * 3, 200 + (i % 5), i * 8, 100 + i]);
  const encoder = new InkEncoder();
  const chunks = [points.slice(0, 15), points.slice(15, 30), points.slice(30)].map((batch) =>
    toBase64url(encoder.push(batch)),
  );
  const grown = (count: number): Stroke => ({
    ...strokeOf('growing', []),
    chunks: chunks.slice(0, count),
    done: count === 3,
  });

  it('go on from the batches before', () => {
    assert.deepEqual(decodeStroke(grown(1)).points, points.slice(0, 15));
    assert.deepEqual(decodeStroke(grown(2)).points, points.slice(0, 30));
    assert.deepEqual(decodeStroke(grown(3)).points, points);
    assert.equal(decodeStroke(grown(3)).firstBatchMs, 14 * 8);
  });

  it('are the same object for the same points: a confirmed stroke is not drawn again', () => {
    assert.equal(decodeStroke(grown(3)), decodeStroke({ ...grown(3), t: 77 }));
    assert.notEqual(decodeStroke(grown(2)), decodeStroke(grown(3)));
  });

  it('end at a batch that cannot be read', () => {
    const broken = { ...strokeOf('broken', []), chunks: [chunks[0] ?? '', '!!!'] };
    const { error } = console;
    console.error = () => {};
    try {
      assert.deepEqual(decodeStroke(broken).points, points.slice(0, 15));
    } finally {
      console.error = error;
    }
  });
});
