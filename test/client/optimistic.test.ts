import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Effect, eventOf, lay, layAll, type Overlay } from '../../client/lesson/optimistic.ts';
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
);

describe('optimistic view', () => {
  it('is what the log will say, whether laid one by one or all at once (invariant 18)', () => {
    fc.assert(
      fc.property(fc.array(anyEvent), fc.array(anyEvent), (confirmed, pending) => {
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
      { numRuns: 300 },
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

  it('stays cheap with 500 pending operations over 20,000 strokes', () => {
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
    const pending = effects(Array.from({ length: 500 }, (_, i) => drawn(`new${i >> 3}`)));
    const began = performance.now();
    const overlay = layAll(state, pending, 'teacher');
    const all = performance.now() - began;
    const oneBegan = performance.now();
    lay(overlay, { event: drawn('one more'), t: 9 }, 'teacher');
    const one = performance.now() - oneBegan;
    assert.equal(Object.keys(overlay.board.pages[0]?.strokes ?? {}).length, 20_063);
    // Reducing all 500 over the whole board takes seconds; a frame has 16 ms. Slack is for a busy machine.
    assert.ok(all < 250, `all at once: ${all.toFixed(1)} ms`);
    assert.ok(one < 100, `one more: ${one.toFixed(1)} ms`);
  });
});
