import assert from 'node:assert/strict';
import { canTravel, findStroke, pageOf, reduceBoard } from '../../protocol/board.ts';
import type { LessonEvent } from '../../protocol/events.ts';
import { digest, EMPTY_LESSON, type LessonState, reduce } from '../../protocol/lesson.ts';

const PEN = { tool: 'pen', colour: '#1a1a1a', width: 6, grid: 1 } as const;

/** Folds events as a log would, each by `actor`, 100 ms apart. */
function fold(events: LessonEvent[], actor = 'dolma', from: LessonState = EMPTY_LESSON): LessonState {
  return events.reduce(
    (state, event) => reduce(state, { seq: state.seq + 1, t: state.t + 100, actor, event }),
    from,
  );
}

const draw = (stroke: string, page = 'page1'): LessonEvent => ({
  type: 'ink.drawn',
  stroke,
  page,
  brush: PEN,
  data: 'AAAA',
  done: true,
});
const visible = (state: LessonState, page = 'page1') =>
  Object.values(pageOf(state.board, page)?.strokes ?? {})
    .filter((stroke) => !stroke.hidden)
    .map((stroke) => stroke.id);

describe('board', () => {
  it('collects the batches of a stroke until the pen is lifted (invariants 10, 11)', () => {
    const state = fold([
      { type: 'ink.drawn', stroke: 's1', page: 'page1', brush: PEN, data: 'AA' },
      { type: 'ink.drawn', stroke: 's1', data: 'BB' },
      { type: 'ink.drawn', stroke: 's1', data: 'CC', done: true },
      { type: 'ink.drawn', stroke: 's1', data: 'DD' }, // after the pen was lifted: no effect
    ]);
    const { stroke } = findStroke(state.board, 's1') ?? {};
    assert.deepEqual(stroke?.chunks, ['AA', 'BB', 'CC']);
    assert.equal(stroke?.done, true);
  });

  it('lets nobody continue a stroke of somebody else, nor begin one twice (invariants 10, 11)', () => {
    const state = fold([{ type: 'ink.drawn', stroke: 's1', page: 'page1', brush: PEN, data: 'AA' }]);
    const other = fold([{ type: 'ink.drawn', stroke: 's1', data: 'BB' }, draw('s1')], 'tashi', state);
    assert.equal(other.board, state.board);
  });

  it('undoes and redoes one’s own actions on the page one looks at (invariant 15)', () => {
    let state = fold([
      draw('s1'),
      { type: 'page.added', page: { id: 'p2', kind: 'grid' } },
      draw('s2', 'p2'),
    ]);
    state = fold([{ type: 'ink.undone', page: 'page1' }], 'dolma', state);
    assert.deepEqual([visible(state), visible(state, 'p2')], [[], ['s2']]);
    assert.equal(canTravel(state.board, 'dolma', 'page1', 'undone'), true);
    state = fold([{ type: 'ink.redone', page: 'page1' }], 'dolma', state);
    assert.deepEqual(visible(state), ['s1']);
    state = fold([{ type: 'ink.undone', page: 'page1' }], 'tashi', state); // has nothing to undo
    assert.deepEqual(visible(state), ['s1']);
  });

  it('undoes an erasure, and forgets what could be redone once something new is drawn (invariants 13, 16)', () => {
    let state = fold([
      draw('s1'),
      draw('s2'),
      { type: 'ink.erased', page: 'page1', strokes: ['s1', 's2', 'no'] },
    ]);
    assert.deepEqual(visible(state), []);
    state = fold([{ type: 'ink.undone', page: 'page1' }], 'dolma', state);
    assert.deepEqual(visible(state), ['s1', 's2']);
    state = fold([draw('s3'), { type: 'ink.redone', page: 'page1' }], 'dolma', state);
    assert.deepEqual(visible(state), ['s1', 's2', 's3']);
  });

  it('ignores what cannot apply, names every object has included (invariants 2, 7, 9)', () => {
    const hostile: LessonEvent[] = [
      { type: 'page.turned', page: 'nowhere' },
      { type: 'ink.erased', page: 'page1', strokes: ['constructor'] },
      { type: 'ink.drawn', stroke: 'toString', data: 'AA' },
      { type: 'page.added', page: { id: 'page1', kind: 'blank' } },
      { type: 'ink.undone', page: 'page1' },
    ];
    for (const event of hostile) {
      if (event.type.startsWith('page.') || event.type.startsWith('ink.')) {
        const board = fold([draw('s1')], 'tashi').board;
        assert.equal(
          reduceBoard(board, event as Parameters<typeof reduceBoard>[1], 'valueOf', 1),
          board,
          event.type,
        );
      }
    }
  });

  it('keeps the objects of what did not change, so that views redraw nothing else', () => {
    const before = fold([draw('s1'), { type: 'page.added', page: { id: 'p2', kind: 'blank' } }]);
    const after = fold([draw('s2', 'p2')], 'dolma', before);
    assert.equal(pageOf(after.board, 'page1'), pageOf(before.board, 'page1'));
  });
});

describe('lesson', () => {
  const person = { id: 'room1', part: 'room', name: { 'zh-CN': '一年级教室' } } as const;

  it('has the same digest wherever the same log was folded, a snapshot in between or not (invariant 2)', () => {
    const events: LessonEvent[] = [
      { type: 'participant.joined', participant: person },
      { type: 'lesson.started', at: 1 },
      draw('s1'),
      { type: 'hand.raised', participant: 'room1' },
      { type: 'stage.called', participant: 'room1' },
      { type: 'chat.said', text: '好' },
      draw('s2'),
    ];
    const whole = fold(events);
    const half: LessonState = JSON.parse(JSON.stringify(fold(events.slice(0, 3))));
    assert.equal(digest(fold(events.slice(3), 'dolma', half)), digest(whole));
    assert.notEqual(digest(fold(events.slice(0, 6))), digest(whole));
  });

  it('calls on people who are there, and sends them back when they leave', () => {
    const here = fold([
      { type: 'participant.joined', participant: person },
      { type: 'stage.called', participant: 'room1' },
    ]);
    assert.deepEqual(here.stage, ['room1']);
    const gone = fold([{ type: 'participant.left', participant: 'room1' }], 'room1', here);
    assert.deepEqual([gone.stage, gone.people.room1?.online], [[], false]);
    const nobody = fold([{ type: 'stage.called', participant: 'constructor' }]);
    assert.deepEqual(nobody.stage, []);
  });

  it('remembers each client’s last operation', () => {
    const state = reduce(EMPTY_LESSON, {
      seq: 1,
      t: 5,
      actor: 'dolma',
      op: { client: 'c1', n: 7 },
      event: draw('s1'),
    });
    assert.deepEqual(state.operations, { c1: 7 });
  });

  it('keeps the moment of the first start and forgets streams when media moves', () => {
    const state = fold([
      { type: 'lesson.started', at: 1 },
      { type: 'stream.opened', stream: { id: 'a1', participant: 'dolma', source: 'mic' } },
      { type: 'lesson.paused' },
      { type: 'lesson.resumed' },
    ]);
    assert.deepEqual([state.startedAt, state.phase, Object.keys(state.streams)], [100, 'live', ['a1']]);
    assert.deepEqual(fold([{ type: 'media.moved' }], 'dolma', state).streams, {});
  });
});
