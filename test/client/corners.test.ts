import assert from 'node:assert/strict';
import { Corners } from '../../client/board/corners.ts';
import { toSvg } from '../../client/board/export-svg.ts';
import { plotOf } from '../../client/board/graph.ts';
import type { BoardPage } from '../../protocol/board.ts';
import { Content, type Place, type ShapeContent } from '../../protocol/board-events.ts';
import { requests } from '../../protocol/requests.ts';

/** Presses at these places, one after the other; gives what was put on the board. */
function pressed(
  places: readonly Place[],
  step = 0,
): { kept: ShapeContent[]; corners: Corners; drafts: () => number } {
  const kept: ShapeContent[] = [];
  const drafts = new Set<string>();
  const session = {
    perform(name: string, input: unknown) {
      assert.equal(name, 'item.add');
      const { content } = requests['item.add'].input.parse(input);
      if (content.kind === 'shape') kept.push(content);
    },
  };
  const surface = {
    draft(id: string, content: Content | null) {
      if (content) drafts.add(id);
      else drafts.delete(id);
    },
  };
  const corners = new Corners(session, surface);
  for (const [x, y] of places) {
    const gesture = corners.gesture({ page: 'p1', colour: '#14212b', width: 7, step });
    gesture.points([[x, y, 0, 128]], false);
    gesture.end();
  }
  return { kept, corners, drafts: () => drafts.size };
}

describe('a polygon, corner by corner', () => {
  it('is closed at its first corner, exactly', () => {
    const { kept, drafts } = pressed([
      [100, 100],
      [400, 120],
      [300, 400],
      [115, 90],
    ]);
    assert.equal(kept.length, 1);
    assert.deepEqual([kept[0]?.shape, kept[0]?.points.length], ['polygon', 3]);
    assert.equal(drafts(), 0);
  });

  it('is an open line where its last corner is pressed again, or another tool is taken', () => {
    const twice = pressed([
      [100, 100],
      [400, 120],
      [410, 130],
    ]);
    assert.deepEqual([twice.kept[0]?.shape, twice.kept[0]?.points.length], ['polyline', 2]);
    const left = pressed([
      [100, 100],
      [400, 120],
      [300, 400],
    ]);
    assert.equal(left.kept.length, 0);
    left.corners.finish();
    assert.deepEqual([left.kept[0]?.shape, left.kept[0]?.points.length, left.drafts()], ['polyline', 3, 0]);
  });

  it('has its corners on those of squared paper', () => {
    const { kept, corners } = pressed(
      [
        [62, 118],
        [357, 121],
      ],
      60,
    );
    corners.finish();
    assert.deepEqual(kept[0]?.points, [
      [60, 120],
      [360, 120],
    ]);
  });

  it('of one corner was a slip, and leaves nothing', () => {
    const { kept, corners, drafts } = pressed([[62, 118]]);
    corners.finish();
    assert.deepEqual([kept.length, drafts()], [0, 0]);
  });
});

describe('graphs', () => {
  const graph = Content.parse({
    ...{ kind: 'graph', at: [100, 100], width: 1_000, height: 500, colour: '#14212b' },
    ...{ x: [-10, 10], y: [-5, 5], functions: [{ text: '1/x', colour: '#c3281a' }] },
  });
  assert.ok(graph.kind === 'graph');

  it('break a curve where it leaps or leaves the frame', () => {
    const curves = plotOf(graph).lines.filter(({ colour }) => colour === '#c3281a');
    assert.equal(curves.length, 2);
    for (const { places } of curves) assert.ok(places.every(([, y]) => y >= 100 && y <= 600));
  });

  it('are vectors in an SVG file, and a formula that is not understood draws nothing', () => {
    const content = { ...graph, functions: [{ text: '</text><script>', colour: '#c3281a' }] };
    const item = { id: 'i1', by: 'a', t: 0, hidden: false, content };
    const page: BoardPage = { id: 'p1', kind: 'blank', strokes: {}, items: { i1: item } };
    const svg = toSvg([{ page }]);
    assert.match(svg, /<path /);
    assert.doesNotMatch(svg, /<script|stroke="#c3281a"/);
  });

  it('have ends that fit, or are refused', () => {
    assert.equal(Content.safeParse({ ...graph, x: [3, 3] }).success, false);
    const line = { kind: 'numberline', at: [0, 0], width: 800, from: 0, to: 10, parts: 2, colour: '#14212b' };
    const parsed = Content.parse(line);
    assert.ok(parsed.kind === 'numberline');
    assert.equal(plotOf(parsed).labels.length, 11);
    assert.equal(Content.safeParse({ ...line, to: 500 }).success, false);
  });
});
