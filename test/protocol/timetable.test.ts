import assert from 'node:assert/strict';
import { sittings, TimetableSeries } from '../../protocol/timetable.ts';

const series = TimetableSeries.parse({
  ...{ id: 't1', title: { 'zh-CN': '数学' }, course: 'c1', lead: 'a1', rooms: ['r1'], weekday: 3, at: 540 },
  ...{ from: '2026-11-02', until: '2026-11-30' },
});
const days = (change: Partial<TimetableSeries>) => sittings({ ...series, ...change }).map(({ on }) => on);

describe('a recurring lesson', () => {
  it('takes place on its weekday from the first day of the term to the last', () => {
    assert.deepEqual(days({}), ['2026-11-04', '2026-11-11', '2026-11-18', '2026-11-25']);
    assert.deepEqual(days({ weekday: 1, until: '2026-11-16' }), ['2026-11-02', '2026-11-09', '2026-11-16']);
    assert.deepEqual(days({ weekday: 1, from: '2026-11-03' })[0], '2026-11-09', 'not before the term');
    assert.deepEqual(days({ weekday: 7, until: '2026-11-08' }), ['2026-11-08']);
  });

  it('every other week, counted from the week in which the term begins', () => {
    assert.deepEqual(days({ everyWeeks: 2 }), ['2026-11-04', '2026-11-18']);
    assert.deepEqual(days({ everyWeeks: 2, from: '2026-11-05' }), ['2026-11-18']);
  });

  it('not on holidays, and at another time where it was moved, under its own name', () => {
    const moved = { day: '2026-11-18', to: '2026-11-21', at: 600 };
    const found = sittings({ ...series, holidays: ['2026-11-11'], moves: [moved] });
    assert.deepEqual(found, [
      { day: '2026-11-04', on: '2026-11-04', at: 540 },
      { day: '2026-11-18', on: '2026-11-21', at: 600 },
      { day: '2026-11-25', on: '2026-11-25', at: 540 },
    ]);
  });
});
