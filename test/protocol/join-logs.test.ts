import assert from 'node:assert/strict';
import { EMPTY_BOARD, shownMarks, shownPages } from '../../protocol/board.ts';
import { LogEntry } from '../../protocol/events.ts';
import { joinLogs } from '../../protocol/join-logs.ts';
import { EMPTY_LESSON, reduce } from '../../protocol/lesson.ts';
import { fractionsLesson } from '../../server/demo/lesson-script.ts';

const person = (id: string, part: 'lead' | 'room' | 'student') => ({ id, part, name: { 'zh-CN': id } });
const lesson = fractionsLesson({
  lead: person('dolma', 'lead'),
  rooms: [person('room1', 'room'), person('room2', 'room')],
  student: person('student1', 'student'),
  startedAt: 1_000_000,
});
/** The same lesson taught again behind itself: every name is there twice. */
const AT = lesson.to;
const joined = joinLogs(lesson.entries, lesson.entries, { at: AT, from: lesson.from, prefix: 'm1' });
const folded = (entries: readonly LogEntry[]) => entries.reduce(reduce, EMPTY_LESSON);
/** What is on the pages, without anybody's names. */
const drawn = (entries: readonly LogEntry[]) =>
  shownPages(folded(entries).board).map((page) =>
    shownMarks(page).map((mark) => ('chunks' in mark ? mark.chunks : mark)),
  );

describe('joining two logs', () => {
  it('counts on, keeps the order of time, and is a log', () => {
    assert.deepEqual(
      joined.map(({ seq }) => seq),
      joined.map((_, i) => i + 1),
    );
    assert.ok(joined.every(({ t }, i) => t >= (joined[i - 1]?.t ?? 0)));
    for (const entry of joined) assert.deepEqual(LogEntry.parse(entry), entry);
    const { phase, startedAt, endedAt } = folded(joined);
    assert.deepEqual([phase, startedAt, endedAt], ['ended', lesson.from, AT + lesson.to - lesson.from]);
    assert.equal(joined.filter(({ event }) => event.type === 'lesson.ended').length, 1);
  });

  it('has the whole board of the second behind that of the first', () => {
    const once = drawn(lesson.entries);
    assert.ok(once.flat().length > 20);
    assert.deepEqual(drawn(joined), [...once, ...once]);
  });

  it('begins the second with its own first page, and with nobody of the first', () => {
    const start = joined.find(({ t, event }) => t === AT && event.type === 'page.turned');
    const atStart = folded(joined.filter(({ seq }) => seq <= (start?.seq ?? 0)));
    assert.equal(atStart.board.current, `m1${EMPTY_BOARD.current}`);
    assert.deepEqual([atStart.streams, atStart.stage, atStart.writers], [{}, [], []]);
    assert.ok(Object.values(atStart.people).every(({ online }) => !online));
  });

  it('leaves out what was said before the second began: in the midst of the whole it would be hidden by nothing', () => {
    const said = { type: 'chat.said', text: '上课前' } as const;
    const [first] = lesson.entries;
    assert.ok(first && lesson.from > 0);
    const early = [{ ...first, t: 0, actor: 'student1', event: said }, ...lesson.entries];
    const log = joinLogs(lesson.entries, early, { at: AT, from: lesson.from, prefix: 'm1' });
    assert.equal(log.length, joined.length);
    assert.doesNotMatch(JSON.stringify(log), /上课前/);
  });
});
