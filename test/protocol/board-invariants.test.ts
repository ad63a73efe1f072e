import assert from 'node:assert/strict';
import { pageOf, reduceBoard } from '../../protocol/board.ts';
import type { LessonEvent } from '../../protocol/events.ts';
import { EMPTY_LESSON, type LessonState, reduce } from '../../protocol/lesson.ts';

const PEN = { tool: 'pen', colour: '#1a1a1a', width: 6, grid: 1 } as const;
const page = 'page1';

/** Folds a log told as [actor, event] pairs. */
function fold(log: readonly (readonly [string, LessonEvent])[]): LessonState {
  return log.reduce(
    (state, [actor, event]) => reduce(state, { seq: state.seq + 1, t: state.t + 100, actor, event }),
    EMPTY_LESSON,
  );
}

const begin = (stroke: string): LessonEvent => ({ type: 'ink.drawn', stroke, page, brush: PEN, data: 'AA' });
const add = (id: string, after?: string): LessonEvent => ({
  type: 'page.added',
  page: { id, kind: 'blank' },
  ...(after ? { after } : {}),
});
const erase = (...strokes: string[]): LessonEvent => ({ type: 'ink.erased', page, strokes });
const strokes = (state: LessonState) => Object.values(pageOf(state.board, page)?.strokes ?? {});
const visible = (state: LessonState) => strokes(state).flatMap(({ id, hidden }) => (hidden ? [] : [id]));

// What docs/board-invariants.md says of the board as a value; its rules about the log are tried in test/fuzz.
describe('invariants of the board', () => {
  it('7, 8: pages stand after the one they name, or at the end, once', () => {
    const { board } = fold([
      ['a', add('p2')],
      ['a', add('p3', page)],
      ['b', add('p4', page)],
      ['b', add('p5', 'unknown')],
      ['b', add('p2', page)],
    ]);
    assert.deepEqual(
      board.pages.map(({ id }) => id),
      [page, 'p4', 'p3', 'p2', 'p5'],
    );
    assert.equal(board.current, 'p5');
  });

  it('11, 12: strokes lie as they were begun, whatever order their batches come in', () => {
    const state = fold([
      ['a', begin('s1')],
      ['b', begin('s2')],
      ['b', { type: 'ink.drawn', stroke: 's2', data: 'BB', done: true }],
      ['a', { type: 'ink.drawn', stroke: 's1', data: 'BB', done: true }],
      ['a', { type: 'ink.drawn', stroke: 'unknown', data: 'BB' }],
    ]);
    assert.deepEqual(
      strokes(state).map(({ id, chunks }) => [id, chunks]),
      [
        ['s1', ['AA', 'BB']],
        ['s2', ['AA', 'BB']],
      ],
    );
  });

  it('13: a stroke that is erased while it is drawn stays hidden and still grows', () => {
    const state = fold([
      ['a', begin('s1')],
      ['b', erase('s1')],
      ['a', { type: 'ink.drawn', stroke: 's1', data: 'BB', done: true }],
    ]);
    assert.deepEqual(visible(state), []);
    assert.deepEqual(strokes(state)[0]?.chunks, ['AA', 'BB']);
  });

  it('14: two people erase a stroke once; the second has nothing to undo', () => {
    const both = fold([
      ['a', begin('s1')],
      ['b', erase('s1')],
      ['c', erase('s1')],
    ]);
    assert.equal(reduceBoard(both.board, { type: 'ink.undone', page }, 'c', 0), both.board);
    const back = reduceBoard(both.board, { type: 'ink.undone', page }, 'b', 0);
    assert.equal(pageOf(back, page)?.strokes.s1?.hidden, false);
  });

  it('16: a new action ends what its author can redo, on any page, and nobody else’s', () => {
    const undone: (readonly [string, LessonEvent])[] = [
      ['a', begin('s1')],
      ['b', begin('s2')],
      ['a', { type: 'ink.undone', page }],
      ['b', { type: 'ink.undone', page }],
      ['a', add('p2')],
      ['a', { type: 'ink.drawn', stroke: 's3', page: 'p2', brush: PEN, data: 'AA' }],
      ['a', { type: 'ink.redone', page }],
      ['b', { type: 'ink.redone', page }],
    ];
    assert.deepEqual(visible(fold(undone)), ['s2']);
  });

  it('17: the last word in the log decides what is seen', () => {
    const log: (readonly [string, LessonEvent])[] = [
      ['a', begin('s1')],
      ['b', erase('s1')],
      ['a', { type: 'ink.undone', page }],
    ];
    assert.deepEqual(visible(fold(log)), []);
    assert.deepEqual(visible(fold([...log, ['a', { type: 'ink.redone', page }]])), ['s1']);
  });
});
