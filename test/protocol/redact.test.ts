import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Content } from '../../protocol/board-events.ts';
import type { LessonEvent, LogEntry } from '../../protocol/events.ts';
import { EMPTY_LESSON, type LessonState, reduce } from '../../protocol/lesson.ts';
import { redact } from '../../protocol/redact.ts';
import { type Hidden, NO_EDIT, partsOf, type ReplayEdit } from '../../protocol/replay-edit.ts';

const PEN = { tool: 'pen', colour: '#1a1a1a', width: 6, grid: 1 } as const;
const page = 'page1';
const STEP = 100;

function log(told: readonly (readonly [string, LessonEvent])[]): LogEntry[] {
  return told.map(([actor, event], i) => ({ seq: i + 1, t: (i + 1) * STEP, actor, event }));
}

const fold = (entries: readonly LogEntry[]): LessonState => entries.reduce(reduce, EMPTY_LESSON);
const hide = (from: number, to: number, more: Partial<Hidden> = {}): ReplayEdit => ({
  ...NO_EDIT,
  hidden: [{ id: 'h1', from, to, writing: true, ...more }],
});
const draw = (stroke: string): LessonEvent => ({ type: 'ink.drawn', stroke, page, brush: PEN, data: 'AA' });
const say = (text: string): LessonEvent => ({ type: 'chat.said', text });
const join = (id: string): LessonEvent => ({
  type: 'participant.joined',
  participant: { id, part: 'student', name: { 'zh-CN': `名字${id}` } },
});

/** Every mark by id, and whether it is seen. */
function marks({ board }: LessonState): Map<string, boolean> {
  const all = board.pages.flatMap(({ strokes, items = {} }) => [
    ...Object.values(strokes),
    ...Object.values(items),
  ]);
  return new Map(all.map(({ id, hidden }) => [id, !hidden]));
}

describe('a redacted log', () => {
  it('holds no word and no line of a hidden passage, and all of the rest', () => {
    const entries = log([
      ['dolma', draw('before')],
      ['pema', say('早上好')],
      ['dolma', draw('secret')],
      ['pema', say('电话号码')],
      ['dolma', { type: 'laser.moved', page, data: 'AB' }],
      ['dolma', { type: 'page.added', page: { id: 'page2', kind: 'grid' } }],
      ['dolma', { type: 'ink.drawn', stroke: 'secret', data: 'BB', done: true }],
      ['pema', say('再见')],
    ]);
    const shown = redact(entries, hide(300, 700));
    assert.deepEqual(
      shown.map(({ seq }) => seq),
      [1, 2, 6, 8],
    );
    assert.doesNotMatch(JSON.stringify(shown), /secret|电话/);
    assert.deepEqual([...marks(fold(shown)).keys()], ['before']);
  });

  it('tells nothing of what lies beneath a page that was there in a hidden passage alone', () => {
    const file = { sha256: 'a'.repeat(64), form: 'svg', bytes: 9, width: 4, height: 3 } as const;
    const laid = (id: string, sha256: string): LessonEvent => ({
      type: 'page.laid',
      pages: [{ id, kind: 'courseware', file: { ...file, sha256: sha256.repeat(64) } }],
    });
    const entries = log([
      ['dolma', draw('before')],
      ['dolma', laid('gone', 'b')],
      ['dolma', { type: 'page.turned', page: 'gone' }],
      ['dolma', laid('stays', 'c')],
      ['dolma', { type: 'page.copied', page: 'gone', copy: 'again' }],
      ['dolma', { type: 'page.removed', page: 'gone' }],
      ['dolma', { type: 'page.removed', page: 'again' }],
      ['dolma', draw('after')],
      ['dolma', { type: 'lesson.ended', reason: 'teacher' }],
    ]);
    const files = (edit: ReplayEdit) =>
      [...JSON.stringify(redact(entries, edit)).matchAll(/"(?:sha256)":"(.)/g)].map((match) => match[1]);
    assert.deepEqual(files(hide(150, 750)), ['c']);
    assert.deepEqual(files(hide(150, 5_000)), [], 'to the end of the lesson');
    assert.deepEqual(files(hide(150, 550)), ['b', 'c'], 'it is still there when the passage is over');
    assert.deepEqual(files(hide(250, 750)), ['b', 'c'], 'it was there before');
    assert.deepEqual(files(hide(150, 750, { writing: false })), ['b', 'c']);
    assert.deepEqual(files({ ...NO_EDIT, from: 750 }), ['c'], 'before the beginning');
    const [, told] = redact(entries, hide(150, 750));
    assert.deepEqual(told?.event, { type: 'page.laid', pages: [{ id: 'gone', kind: 'blank' }] });
    assert.deepEqual(files(hide(150, 650)), ['b', 'c'], 'a copy of it is still there');
    const undone = log([
      ...entries.slice(0, 8).map(({ actor = '', event }) => [actor, event] as const),
      ['dolma', { type: 'ink.undone', page: 'again' }],
    ]);
    assert.match(JSON.stringify(redact(undone, hide(150, 750))), /"sha256":"b/, 'it came back');
  });

  it('keeps the pages that were brought in a hidden passage, and nothing that was written on them', () => {
    const mark = { brush: PEN, chunks: ['AA'] };
    const brought: LessonEvent = {
      type: 'page.laid',
      pages: [
        { id: 'old', kind: 'grid', marks: [mark, mark] },
        { id: 'old', kind: 'grid', marks: [mark] },
      ],
    };
    const entries = log([
      ['dolma', draw('before')],
      ['dolma', brought],
      ['dolma', { type: 'ink.erased', page: 'old', strokes: ['old-0'] }],
      ['dolma', { type: 'page.copied', page: 'old', copy: 'again' }],
      ['dolma', { type: 'ink.undone', page: 'again' }],
      ['dolma', draw('after')],
    ]);
    const shown = redact(entries, hide(150, 250));
    const { pages } = fold(shown).board;
    assert.deepEqual(
      pages.filter(({ removed }) => !removed).map(({ id, strokes }) => [id, Object.keys(strokes)]),
      [
        ['page1', ['before', 'after']],
        ['old', []],
      ],
    );
    assert.doesNotMatch(JSON.stringify(shown.filter(({ event }) => event.type === 'page.laid')), /chunks/);
    const told = redact(entries, hide(150, 250, { writing: false }));
    assert.deepEqual(
      told.map(({ event }) => event),
      entries.map(({ event }) => event),
    );
    const hers = redact(entries, hide(150, 250, { participant: 'pema' }));
    assert.deepEqual(hers, entries);
  });

  it('hides what was said while one waited for the lesson with what begins with it', () => {
    const entries = log([
      ['pema', say('早来的话')],
      ['dolma', { type: 'lesson.started', at: 0 }],
      ['pema', say('家里的事')],
      ['pema', say('再见')],
    ]);
    const told = JSON.stringify(redact(entries, hide(5_000, 6_000, { participant: 'pema' })));
    assert.match(told, /早来的话.*家里的事/, 'a passage of another time');
    const hers = JSON.stringify(redact(entries, hide(200, 350, { participant: 'pema' })));
    assert.doesNotMatch(hers, /早来的话|家里的事/);
    assert.match(hers, /再见/);
  });

  it('does not tell with a later change what was typed into an item while it is hidden', () => {
    const text = (words: string): Content => ({
      ...{ kind: 'text', at: [10, 10], width: 400, size: 40, colour: '#111111', text: words, breaks: [] },
    });
    const item = { page, item: 'i1' };
    const entries = log([
      ['dolma', { type: 'item.added', ...item, content: text('hello') }],
      ['dolma', { type: 'item.changed', ...item, content: text('hello 电话号码') }],
      ['dolma', { type: 'marks.copied', page, copies: [{ of: 'i1', id: 'i2' }], matrix: [1, 0, 0, 1, 5, 5] }],
      ['dolma', { type: 'item.changed', ...item, content: text('hello 电话号码!') }],
      ['dolma', { type: 'item.changed', page, item: 'i2', content: text('hello 电话号码?') }],
      ['dolma', { type: 'item.added', page, item: 'i3', content: text('later') }],
    ]);
    const shown = JSON.stringify(redact(entries, hide(150, 250)));
    assert.doesNotMatch(shown, /电话/);
    assert.match(shown, /hello.*later/);
  });

  it('keeps what was written where only the voice is to be hidden', () => {
    const entries = log([
      ['dolma', draw('s1')],
      ['dolma', say('不')],
    ]);
    assert.deepEqual(
      redact(entries, hide(0, 1000, { writing: false })).map(({ seq }) => seq),
      [1],
    );
  });

  it('hides one child alone, and not even names one who is hidden throughout', () => {
    const entries = log([
      ['dolma', { type: 'lesson.started', at: 0 }],
      ['pema', join('pema')],
      ['nyima', join('nyima')],
      ['pema', { type: 'hand.raised', participant: 'pema' }],
      ['pema', say('我是白玛')],
      ['nyima', say('我是尼玛')],
      ['dolma', { type: 'lesson.ended', reason: 'teacher' }],
    ]);
    const shown = redact(entries, hide(0, 5000, { participant: 'pema' }));
    assert.doesNotMatch(JSON.stringify(shown), /名字pema|我是白玛|hand\.raised/);
    assert.match(JSON.stringify(shown), /名字nyima.*我是尼玛/);
    assert.match(JSON.stringify(redact(entries, hide(0, 500, { participant: 'pema' }))), /名字pema/);
    // Of a merged lesson, whose parts hide them each, and where something is left between.
    const halves = (to: number) => ({
      ...NO_EDIT,
      hidden: [hide(300, 5000), hide(0, to)].flatMap(({ hidden }) =>
        hidden.map((one) => ({ ...one, participant: 'pema' })),
      ),
    });
    assert.doesNotMatch(JSON.stringify(redact(entries, halves(300))), /名字pema/);
    assert.match(JSON.stringify(redact(entries, halves(299))), /名字pema/);
  });

  it('begins a trimmed lesson with the board as it was then, without what was said before', () => {
    const entries = log([
      ['dolma', { type: 'lesson.started', at: 0 }],
      ['dolma', draw('title')],
      ['pema', say('还没开始')],
      ['pema', say('开始了')],
      ['dolma', draw('after')],
      ['dolma', { type: 'lesson.ended', reason: 'teacher' }],
    ]);
    const shown = redact(entries, { ...NO_EDIT, from: 350, to: 450 });
    assert.deepEqual(
      shown.map(({ seq }) => seq),
      [1, 2, 4, 6],
    );
  });

  it('undoes, redoes and erases what the whole log does, and nothing else', () => {
    const actor = fc.constantFrom('a', 'b');
    const id = fc.integer({ min: 0, max: 12 });
    const event = fc.oneof(
      { weight: 4, arbitrary: id.map((n) => draw(`s${n}`)) },
      {
        weight: 2,
        arbitrary: id.map(
          (n): LessonEvent => ({
            type: 'item.added',
            page,
            item: `i${n}`,
            content: {
              kind: 'text',
              at: [0, 0],
              width: 100,
              size: 20,
              colour: '#000000',
              text: 'x',
              breaks: [],
            },
          }),
        ),
      },
      {
        arbitrary: id.map(
          (n): LessonEvent => ({
            type: 'item.changed',
            page,
            item: `i${n}`,
            content: {
              kind: 'text',
              at: [0, 0],
              width: 100,
              size: 20,
              colour: '#000000',
              text: 'y',
              breaks: [],
            },
          }),
        ),
        weight: 1,
      },
      {
        weight: 1,
        arbitrary: id.map((n): LessonEvent => ({ type: 'ink.erased', page, strokes: [`s${n}`, `i${n}`] })),
      },
      {
        weight: 1,
        arbitrary: id.map(
          (n): LessonEvent => ({
            type: 'marks.moved',
            page,
            marks: [`s${n}`],
            matrix: [1, 0, 0, 1, 5, 5],
          }),
        ),
      },
      { weight: 1, arbitrary: actor.map((by): LessonEvent => ({ type: 'ink.cleared', page, by })) },
      { weight: 4, arbitrary: fc.constant<LessonEvent>({ type: 'ink.undone', page }) },
      { weight: 3, arbitrary: fc.constant<LessonEvent>({ type: 'ink.redone', page }) },
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(actor, event), { maxLength: 60 }),
        fc.integer({ min: 0, max: 60 }),
        fc.integer({ min: 1, max: 20 }),
        (told, from, length) => {
          const entries = log(told);
          const passage = { from: from * STEP, to: (from + length) * STEP };
          const whole = fold(entries);
          const made = new Map(
            [...whole.board.pages].flatMap(({ strokes, items = {} }) =>
              [...Object.values(strokes), ...Object.values(items)].map((mark) => [mark.id, mark.t]),
            ),
          );
          const expected = [...marks(whole)].filter(([mark]) => {
            const t = made.get(mark) ?? 0;
            return t < passage.from || t >= passage.to;
          });
          // Marks that were tried again after the passage have the place of the first try in the whole log, and none here.
          const shown = marks(fold(redact(entries, hide(passage.from, passage.to))));
          for (const [mark, seen] of expected)
            assert.equal(shown.get(mark), seen, `${mark}: ${JSON.stringify(told)}`);
        },
      ),
      { numRuns: 400 },
    );
  });
});

describe('the parts of a replay', () => {
  it('lie between its splits, those outside left out', () => {
    const edit = { ...NO_EDIT, splits: [900, 300, 5000], partTitles: ['一', null] };
    assert.deepEqual(partsOf(edit, 100, 2000), [
      { from: 100, to: 300, title: '一' },
      { from: 300, to: 900, title: null },
      { from: 900, to: 2000, title: null },
    ]);
    assert.deepEqual(partsOf(NO_EDIT, 0, 10), []);
  });
});
