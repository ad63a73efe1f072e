import assert from 'node:assert/strict';
import { packDue, packTime, shareOf } from '../../client/packs/schedule.ts';
import type { LessonSummary } from '../../protocol/api.ts';

const at = (day: number, hour: number) => new Date(2026, 10, day, hour).getTime();

const lesson = (id: string, startsAt: number, state: LessonSummary['state'] = 'ready'): LessonSummary => ({
  ...{
    id,
    title: { 'zh-CN': id },
    course: { 'zh-CN': '' },
    teacher: { 'zh-CN': '' },
    school: { 'zh-CN': '' },
  },
  ...{ rooms: [], startsAt, endsAt: startsAt + 2_400_000, state, part: 'room', replay: null, before: [] },
});

describe('when a room fetches its packs', () => {
  const tomorrow = lesson('l1', at(26, 9));

  it('is the night before, each at a time of its own', () => {
    assert.equal(packTime(tomorrow, 0), at(25, 22));
    assert.ok(packTime(tomorrow, 0.999) < at(26, 5));
    const shares = Array.from({ length: 200 }, (_, i) => shareOf(`room${i}`));
    for (const quarter of [0, 0.25, 0.5, 0.75]) {
      const within = shares.filter((share) => share >= quarter && share < quarter + 0.25).length;
      assert.ok(within > 25 && within < 75, `${within} of 200 rooms in one quarter of the night`);
    }
    assert.equal(packDue([tomorrow], at(25, 21), 0, new Set()), undefined);
    assert.equal(packDue([tomorrow], at(25, 23), 0, new Set())?.id, 'l1');
  });

  it('is at once for a screen that was off, and the earliest lesson first', () => {
    const later = lesson('l2', at(26, 11));
    assert.equal(packDue([later, tomorrow], at(26, 8), 0.9, new Set())?.id, 'l1');
    assert.equal(packDue([later, tomorrow], at(26, 8), 0.9, new Set(['l1']))?.id, 'l2');
  });

  it('is never while a lesson is live', () => {
    const live = lesson('l0', at(26, 8), 'live');
    assert.equal(packDue([live, tomorrow], at(26, 8), 0, new Set()), undefined);
  });
});
