import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Effect, eventOf, lay, layAll, type Overlay } from '../../client/lesson/optimistic.ts';
import type { Content } from '../../protocol/board-events.ts';
import type { LessonEvent, LogEntry } from '../../protocol/events.ts';
import { EMPTY_LESSON, type LessonState, reduce } from '../../protocol/lesson.ts';

const brush = { tool: 'pen', colour: '#112233', width: 6, grid: 1 } as const;

const drawn = (stroke: string, page = 'page1'): LessonEvent => ({
  ...{ type: 'ink.drawn', stroke, page, brush, data: 'AAAA', done: true },
});

const foldAll = (state: LessonState, events: readonly LessonEvent[], actor = 'teacher') =>
  events.reduce(
    (folded, event, i): LessonState => reduce(folded, { seq: i + 1, t: 5, actor, event } satisfies LogEntry),
    state,
  );

const effects = (events: readonly LessonEvent[]): Effect[] => events.map((event) => ({ event, t: 5 }));

const LINE = {
  ...{ kind: 'shape', shape: 'line', colour: '#112233', width: 6 },
  points: [
    [0, 0],
    [100, 50],
  ],
} satisfies Content;

/** Few ids, so that what is made up meets. */
const strokeId = fc.constantFrom('a', 'b', 'c', 'd');
const pageId = fc.constantFrom('page1', 'page2');
const anyEvent: fc.Arbitrary<LessonEvent> = fc.oneof(
  fc.tuple(strokeId, pageId).map(([stroke, page]) => drawn(stroke, page)),
  strokeId.map((stroke): LessonEvent => ({ type: 'ink.drawn', stroke, data: 'BBBB' })),
  fc.tuple(pageId, fc.array(strokeId, { minLength: 1 })).map(([page, strokes]): LessonEvent => {
    return { type: 'ink.erased', page, strokes };
  }),
  pageId.map((page): LessonEvent => ({ type: 'ink.undone', page })),
  pageId.map((page): LessonEvent => ({ type: 'ink.redone', page })),
  pageId.map((id): LessonEvent => ({ type: 'page.added', page: { id, kind: 'blank' } })),
  pageId.map((page): LessonEvent => ({ type: 'page.turned', page })),
  fc
    .tuple(pageId, strokeId)
    .map(([page, item]): LessonEvent => ({ type: 'item.added', page, item, content: LINE })),
  fc.tuple(pageId, fc.array(strokeId, { minLength: 1 })).map(([page, marks]): LessonEvent => {
    return { type: 'marks.moved', page, marks, matrix: [1, 0.5, 0, 1, 10, 20] };
  }),
  fc.tuple(pageId, strokeId, fc.boolean()).map(([page, mark, front]): LessonEvent => {
    return { type: 'marks.ordered', page, marks: [mark], to: front ? 'front' : 'back' };
  }),
  fc.tuple(pageId, strokeId, strokeId).map(([page, of, id]): LessonEvent => {
    return { type: 'marks.copied', page, copies: [{ of, id }], matrix: [1, 0, 0, 1, 40, 40] };
  }),
  fc.tuple(pageId, strokeId).map(([page, stroke]): LessonEvent => {
    return { type: 'ink.cut', page, cut: `cut-${stroke}`, strokes: [{ stroke, ranges: [[0, 8]] }] };
  }),
  pageId.map((page): LessonEvent => ({ type: 'page.removed', page })),
  fc.tuple(pageId, pageId).map(([page, after]): LessonEvent => ({ type: 'page.moved', page, after })),
);

/** More than are laid in one go, too. */
const manyEvents = fc.oneof(
  fc.array(anyEvent),
  fc.array(anyEvent, { minLength: 100, maxLength: 300, size: 'max' }),
);

describe('optimistic view', () => {
  it('is what the log will say, whether laid one by one or all at once (invariant 18)', () => {
    fc.assert(
      fc.property(fc.array(anyEvent), manyEvents, (confirmed, pending) => {
        const state = foldAll(EMPTY_LESSON, confirmed);
        const { board } = foldAll(state, pending);
        const steps = effects(pending).reduce<Overlay>(
          (overlay, effect) => lay(overlay, effect, 'teacher'),
          state,
        );
        // As text: the order of strokes is the order in which they are drawn.
        assert.equal(JSON.stringify(layAll(state, effects(pending), 'teacher').board), JSON.stringify(board));
        assert.equal(JSON.stringify(steps.board), JSON.stringify(board));
      }),
      { numRuns: 150 },
    );
  });

  it('leaves the confirmed board as it is, object by object, where nothing is laid on it (invariant 19)', () => {
    const state = foldAll(EMPTY_LESSON, [
      drawn('a'),
      { type: 'page.added', page: { id: 'page2', kind: 'grid' } },
    ]);
    assert.equal(layAll(state, effects([{ type: 'chat.said', text: 'hi' }]), 'teacher').board, state.board);
    const { board } = layAll(state, effects([drawn('b', 'page2')]), 'teacher');
    assert.equal(board.pages[0], state.board.pages[0]);
    assert.equal(board.pages[1]?.strokes.a, undefined);
  });

  it('has an effect for what fits its request, and none for what does not', () => {
    assert.deepEqual(eventOf('page.turn', { page: 'page1' }), { type: 'page.turned', page: 'page1' });
    assert.equal(eventOf('page.turn', { page: '../etc' }), null);
  });

  it('stays cheap with 3,000 pending operations, ten minutes of writing, over 20,000 strokes', () => {
    const strokes = Object.fromEntries(
      Array.from({ length: 20_000 }, (_, i) => {
        const id = `old${i}`;
        return [id, { id, by: 'teacher', brush, t: 0, chunks: ['AAAA'], done: true, hidden: false }];
      }),
    );
    const state = {
      ...EMPTY_LESSON,
      board: { ...EMPTY_LESSON.board, pages: [{ id: 'page1', kind: 'blank' as const, strokes }] },
    };
    const pending = effects(Array.from({ length: 3_000 }, (_, i) => drawn(`new${i >> 1}`)));
    const began = performance.now();
    const overlay = layAll(state, pending, 'teacher');
    const all = performance.now() - began;
    const oneBegan = performance.now();
    lay(overlay, { event: drawn('one more'), t: 9 }, 'teacher');
    const one = performance.now() - oneBegan;
    assert.equal(Object.keys(overlay.board.pages[0]?.strokes ?? {}).length, 21_500);
    // Reducing all over the whole board takes seconds; a frame has 16 ms. Slack is for a busy machine.
    assert.ok(all < 250, `all at once: ${all.toFixed(1)} ms`);
    assert.ok(one < 100, `one more: ${one.toFixed(1)} ms`);
  });
});
