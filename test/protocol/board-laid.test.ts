import assert from 'node:assert/strict';
import { type Board, EMPTY_BOARD, reduceBoard, shownMarks, shownPages } from '../../protocol/board.ts';
import type { BoardEvent, LaidPage } from '../../protocol/board-events.ts';
import { pagesToBring } from '../../server/lessons/board-pages.ts';

const FILE = { sha256: 'a'.repeat(64), form: 'svg', bytes: 10, width: 16, height: 9 } as const;
const laid = (...ids: string[]): LaidPage[] => ids.map((id) => ({ id, kind: 'courseware', file: FILE }));
const folded = (board: Board, ...events: BoardEvent[]) =>
  events.reduce((now, event, i) => reduceBoard(now, event, 'teacher', 10 + i), board);
const ids = (board: Board) => shownPages(board).map(({ id }) => id);

describe('pages that are laid (invariants 31 and 32)', () => {
  const three = folded(EMPTY_BOARD, { type: 'page.laid', pages: laid('a', 'b', 'c') });

  it('stand one behind the other, at the end or behind a page, and turn nobody’s page', () => {
    assert.deepEqual(ids(three), ['page1', 'a', 'b', 'c']);
    const more = folded(three, { type: 'page.laid', pages: laid('x', 'y'), after: 'a' });
    assert.deepEqual(ids(more), ['page1', 'a', 'x', 'y', 'b', 'c']);
    assert.equal(more.current, 'page1');
  });

  it('are laid once, however often they are told', () => {
    assert.equal(folded(three, { type: 'page.laid', pages: laid('a', 'b', 'c') }), three);
    assert.deepEqual(ids(folded(three, { type: 'page.laid', pages: laid('c', 'd') })), [
      'page1',
      'a',
      'b',
      'c',
      'd',
    ]);
  });

  it('are one action: undo takes all of them away, redo brings them back', () => {
    const undone = folded(three, { type: 'ink.undone', page: 'page1' });
    assert.deepEqual(ids(undone), ['page1']);
    const redone = folded(undone, { type: 'ink.redone', page: 'page1' });
    assert.deepEqual(ids(redone), ['page1', 'a', 'b', 'c']);
    const onOne = folded(three, { type: 'page.turned', page: 'b' }, { type: 'ink.undone', page: 'b' });
    assert.deepEqual([ids(onOne), onOne.current], [['page1'], 'page1']);
  });

  it('are put back by undo where they were dragged from, whatever page is looked at', () => {
    const moved = folded(three, { type: 'page.moved', page: 'c', after: null });
    assert.deepEqual(ids(moved), ['c', 'page1', 'a', 'b']);
    assert.deepEqual(ids(folded(moved, { type: 'ink.undone', page: 'page1' })), ['page1', 'a', 'b', 'c']);
  });

  it('bring along what is to be seen on them, in its order, beneath what comes later', () => {
    const stroke = (id: string) =>
      ({ type: 'ink.drawn', stroke: id, page: 'page1', data: 'AAAA', done: true }) as const;
    const brush = { tool: 'pen', colour: '#14212b', width: 7, grid: 1 } as const;
    const text = {
      kind: 'text',
      at: [0, 0],
      width: 100,
      size: 50,
      colour: '#14212b',
      text: '同',
      breaks: [],
    } as const;
    const written = folded(
      EMPTY_BOARD,
      { ...stroke('s1'), brush },
      { type: 'item.added', page: 'page1', item: 'i1', content: { ...text, at: [0, 0], breaks: [] } },
      { ...stroke('s2'), brush },
      { ...stroke('gone'), brush },
      { type: 'ink.erased', page: 'page1', strokes: ['gone'] },
    );
    const brought = folded(EMPTY_BOARD, { type: 'page.laid', pages: pagesToBring(written, 'old') });
    const page = shownPages(brought)[1];
    assert.ok(page);
    assert.deepEqual(
      shownMarks(page).map(({ id }) => id),
      ['old-0-0', 'old-0-1', 'old-0-2'],
    );
    assert.ok(shownMarks(page).every(({ by }) => by === 'teacher'));
    const later = folded(brought, { ...stroke('new'), page: page.id, brush });
    const marks = shownMarks(shownPages(later)[1] ?? page).map(({ id }) => id);
    assert.equal(marks.at(-1), 'new');
  });
});
