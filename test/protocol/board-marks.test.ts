import assert from 'node:assert/strict';
import fc from 'fast-check';
import { canTravel, findStroke, markOf, pageOf, shownMarks, shownPages } from '../../protocol/board.ts';
import { BoardEvent, isBoardEvent, type Matrix } from '../../protocol/board-events.ts';
import { composed, remains } from '../../protocol/board-marks.ts';
import { LessonEvent, type LogEntry } from '../../protocol/events.ts';
import { digest, EMPTY_LESSON, isWriter, type LessonState, reduce } from '../../protocol/lesson.ts';

const PEN = { tool: 'pen', colour: '#1a1a1a', width: 6, grid: 1 } as const;
const MOVE: Matrix = [1, 0, 0, 1, 30, 40];

/** Folds events as a log would, each by `actor`, 100 ms apart. */
function fold(events: LessonEvent[], actor = 'dolma', from: LessonState = EMPTY_LESSON): LessonState {
  return events.reduce(
    (state, event) => reduce(state, { seq: state.seq + 1, t: state.t + 100, actor, event }),
    from,
  );
}

const draw = (stroke: string, page = 'page1'): LessonEvent => ({
  ...{ type: 'ink.drawn', stroke, page, brush: PEN, data: 'AAAA', done: true },
});
const add = (item: string, page = 'page1'): LessonEvent => ({
  type: 'item.added',
  ...{ page, item },
  content: {
    kind: 'shape',
    shape: 'line',
    points: [
      [0, 0],
      [100, 0],
    ],
    colour: '#1557b0',
    width: 6,
  },
});
const undo = (page = 'page1'): LessonEvent => ({ type: 'ink.undone', page });
const redo = (page = 'page1'): LessonEvent => ({ type: 'ink.redone', page });
const ids = (state: LessonState, page = 'page1') =>
  shownMarks(pageOf(state.board, page) ?? assert.fail('no page')).map(({ id }) => id);
const mark = (state: LessonState, id: string) =>
  markOf(pageOf(state.board, 'page1') ?? assert.fail('no page'), id) ?? assert.fail(`no ${id}`);

describe('marks', () => {
  it('shows strokes and items in the order they came, and in the order they were brought to', () => {
    let state = fold([draw('s1'), add('i1'), draw('s2')]);
    assert.deepEqual(ids(state), ['s1', 'i1', 's2']);
    state = fold([{ type: 'marks.ordered', page: 'page1', marks: ['s1'], to: 'front' }], 'dolma', state);
    state = fold([{ type: 'marks.ordered', page: 'page1', marks: ['s2'], to: 'back' }], 'dolma', state);
    assert.deepEqual(ids(state), ['s2', 'i1', 's1']);
    assert.deepEqual(ids(fold([undo(), undo()], 'dolma', state)), ['s1', 'i1', 's2']);
  });

  it('moves what is there, on top of earlier moves, and takes it back exactly', () => {
    const before = fold([draw('s1'), add('i1')]);
    const marks = ['s1', 'i1', 'unknown', 'constructor'];
    let state = fold([{ type: 'marks.moved', page: 'page1', marks, matrix: MOVE }], 'dolma', before);
    state = fold(
      [{ type: 'marks.moved', page: 'page1', marks: ['i1'], matrix: [2, 0, 0, 2, 0, 0] }],
      'dolma',
      state,
    );
    assert.deepEqual(mark(state, 's1').matrix, MOVE);
    assert.deepEqual(mark(state, 'i1').matrix, [2, 0, 0, 2, 60, 80]);
    state = fold([undo(), undo()], 'dolma', state);
    assert.deepEqual(state.board.pages, before.board.pages);
    assert.deepEqual(mark(fold([redo(), redo()], 'dolma', state), 'i1').matrix, [2, 0, 0, 2, 60, 80]);
  });

  it('never makes a mark too flat to be seen, nor numbers that JSON cannot hold', () => {
    assert.equal(composed([0, 0, 0, 0, 5, 5], undefined), null);
    let matrix: Matrix | null = [1, 0, 0, 1, 0, 0];
    for (let i = 0; i < 200; i++)
      matrix = composed([900, 0, 0, 900, 19_000, 0], matrix ?? undefined) ?? matrix;
    assert.ok(matrix.every(Number.isFinite));
  });

  it('copies strokes and items under new names, once', () => {
    const copies = [
      { of: 's1', id: 'c1' },
      { of: 'i1', id: 'c2' },
      { of: 'i1', id: 's1' },
    ];
    let state = fold([draw('s1'), add('i1'), { type: 'marks.copied', page: 'page1', copies, matrix: MOVE }]);
    assert.deepEqual(ids(state), ['s1', 'i1', 'c1', 'c2']);
    assert.deepEqual(mark(state, 'c2').matrix, MOVE);
    state = fold([undo()], 'dolma', state);
    assert.deepEqual(ids(state), ['s1', 'i1']);
  });

  it('cuts parts out of a stroke; the batches of one gesture are one undo, others’ cuts stay', () => {
    const cut = (name: string, from: number, to: number): LessonEvent => ({
      type: 'ink.cut',
      ...{ page: 'page1', cut: name, strokes: [{ stroke: 's1', ranges: [[from, to]] }] },
    });
    let state = fold([draw('s1'), cut('a', 16, 32), cut('a', 40, 24)]);
    state = fold([cut('b', 80, 100)], 'tashi', state);
    const left = (now: LessonState) => remains(findStroke(now.board, 's1')?.stroke ?? {}, 11);
    assert.deepEqual(left(state), [
      [0, 16],
      [40, 80],
      [100, 160],
    ]);
    state = fold([undo()], 'dolma', state);
    assert.deepEqual(left(state), [
      [0, 80],
      [100, 160],
    ]);
    state = fold([undo()], 'tashi', state);
    assert.deepEqual(left(state), [[0, 160]]);
    assert.equal(canTravel(state.board, 'tashi', 'page1', 'done'), false);
  });

  it('leaves nothing of a stroke that is cut from end to end', () => {
    assert.deepEqual(remains({ cuts: { a: [[0, 160]] } }, 11), []);
    assert.deepEqual(remains({ cuts: { a: [[0, 0]] } }, 1), []);
    assert.deepEqual(remains({}, 1), [[0, 0]]);
  });

  it('clears and veils what one person wrote, and the lead can undo the clearing', () => {
    let state = fold([draw('s1')]);
    state = fold([draw('s2'), add('i2')], 'pema', state);
    state = fold([{ type: 'ink.cleared', page: 'page1', by: 'pema' }], 'dolma', state);
    assert.deepEqual(ids(state), ['s1']);
    state = fold([undo(), { type: 'ink.veiled', by: 'pema', veiled: true }], 'dolma', state);
    const page = pageOf(state.board, 'page1') ?? assert.fail();
    assert.deepEqual(
      shownMarks(page, state.board.veiled).map(({ id }) => id),
      ['s1'],
    );
    assert.equal(
      fold([{ type: 'ink.veiled', by: 'pema', veiled: false }], 'dolma', state).board.veiled,
      undefined,
    );
  });
});

describe('pages', () => {
  const add = (id: string): LessonEvent => ({ type: 'page.added', page: { id, kind: 'tianzige' } });
  const order = (state: LessonState) => shownPages(state.board).map(({ id }) => id);

  it('copies, moves and removes pages, and undoes each', () => {
    const copy: LessonEvent = { type: 'page.copied', page: 'page1', copy: 'p3' };
    let state = fold([draw('s1'), add('p2'), copy]);
    assert.deepEqual(order(state), ['page1', 'p3', 'p2']);
    assert.deepEqual(ids(state, 'p3'), ['p3-0']);
    state = fold([{ type: 'page.moved', page: 'p2', after: null }], 'dolma', state);
    assert.deepEqual(order(state), ['p2', 'page1', 'p3']);
    state = fold([{ type: 'page.removed', page: 'p3' }], 'dolma', state);
    assert.deepEqual([order(state), state.board.current], [['p2', 'page1'], 'page1']);
    state = fold([undo('p2')], 'dolma', state);
    assert.deepEqual([order(state), state.board.current], [['p2', 'page1', 'p3'], 'p3']);
    state = fold([undo('p2'), undo('p3'), undo('p2')], 'dolma', state);
    assert.deepEqual(order(state), ['page1']);
    state = fold([redo(), redo(), redo('p2'), redo('p3')], 'dolma', state);
    assert.deepEqual(order(state), ['p2', 'page1']);
  });

  it('keeps the last page, and ink that was on its way to one that is gone', () => {
    let state = fold([{ type: 'page.removed', page: 'page1' }]);
    assert.deepEqual(order(state), ['page1']);
    state = fold([
      add('p2'),
      { type: 'page.removed', page: 'page1' },
      draw('late'),
      { type: 'page.turned', page: 'page1' },
    ]);
    assert.deepEqual([order(state), state.board.current], [['p2'], 'p2']);
    assert.deepEqual(ids(state), ['late']);
  });
});

describe('writers', () => {
  it('lets a person or everyone write, and takes it back from all at once', () => {
    const may = (may: boolean, participant?: string): LessonEvent => ({
      type: 'writers.changed',
      participant,
      may,
    });
    let state = fold([may(true, 'pema')]);
    assert.deepEqual([isWriter(state, 'pema'), isWriter(state, 'room1')], [true, false]);
    state = fold([may(true)], 'dolma', state);
    assert.equal(isWriter(state, 'room1'), true);
    state = fold([may(false)], 'dolma', state);
    assert.deepEqual([isWriter(state, 'pema'), isWriter(state, 'room1')], [false, false]);
  });
});

describe('any board event', () => {
  const id = fc.constantFrom('page1', 'p2', 'p3', 's1', 's2', 'i1', 'i2', 'constructor');
  const number = fc.integer({ min: -900, max: 900 });
  const matrix = fc.tuple(number, number, number, number, number, number);
  const mark = fc.constantFrom(
    { brush: PEN, chunks: ['AAAA'] },
    { content: add('i').type === 'item.added' ? (add('i') as { content: unknown }).content : null },
  );
  const laid = fc.record({ id, kind: fc.constant('blank'), marks: fc.array(mark, { maxLength: 3 }) });
  const event = fc
    .record({
      type: fc.constantFrom(...BoardEvent.options.map(({ shape }) => shape.type.value)),
      ...{ page: id, stroke: id, item: id, copy: id, cut: id, by: id, marks: fc.array(id, { minLength: 1 }) },
      ...{ matrix, to: fc.constantFrom('front', 'back'), veiled: fc.boolean(), data: fc.constant('AAAA') },
      after: fc.option(id),
      view: fc.record({ x: fc.nat(1900), y: fc.nat(1000), scale: fc.integer({ min: 1, max: 8 }) }),
      copies: fc.array(fc.record({ of: id, id }), { minLength: 1 }),
      strokes: fc.array(id, { minLength: 1 }),
      pages: fc.array(laid, { minLength: 1, maxLength: 3 }),
      brush: fc.constant(PEN),
      content: fc.constant(
        add('i').type === 'item.added' ? (add('i') as { content: unknown }).content : null,
      ),
    })
    .map((raw) => {
      const ranges = raw.strokes.map((stroke) => ({ stroke, ranges: [[3, 90]] }));
      const page = raw.type === 'page.added' ? { id: raw.page, kind: 'staff' } : raw.page;
      const isPlaced = raw.type === 'page.added' || raw.type === 'page.laid';
      const after = isPlaced ? (raw.after ?? undefined) : raw.after;
      return LessonEvent.parse({ ...raw, page, after, ...(raw.type === 'ink.cut' && { strokes: ranges }) });
    });
  const actors = fc.constantFrom('dolma', 'pema', 'constructor');

  it('is total, and a state read back from JSON goes on as the one it was made of', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(event, actors), { maxLength: 40 }), fc.nat(40), (events, at) => {
        const entries = events.map(([event, actor], i): LogEntry => ({ seq: i + 1, t: i, actor, event }));
        const whole = entries.reduce(reduce, EMPTY_LESSON);
        const half: LessonState = JSON.parse(
          JSON.stringify(entries.slice(0, at).reduce(reduce, EMPTY_LESSON)),
        );
        assert.equal(digest(entries.slice(at).reduce(reduce, half)), digest(whole));
        assert.deepEqual(JSON.parse(JSON.stringify(whole)), whole);
        assert.ok(shownPages(whole.board).length > 0);
        assert.ok(shownPages(whole.board).some((page) => page.id === whole.board.current));
      }),
      { numRuns: 500 },
    );
  });
});

describe('isBoardEvent', () => {
  it('knows every event of the board by its name, and no other', () => {
    const names = LessonEvent.options.map(({ shape }) => shape.type.value);
    const board: readonly string[] = BoardEvent.options.map(({ shape }) => shape.type.value);
    assert.deepEqual(
      names.filter((type) => isBoardEvent({ type })),
      names.filter((type) => board.includes(type)),
    );
  });
});
