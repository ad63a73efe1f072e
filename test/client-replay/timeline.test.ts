import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import fc from 'fast-check';
import { Timeline } from '../../client/replay/timeline.ts';
import type { LessonEvent, LogEntry } from '../../protocol/events.ts';
import { digest, EMPTY_LESSON, reduce } from '../../protocol/lesson.ts';
import { ROOM, TEACHER, writtenLesson } from './lesson-log.ts';

function fullFold(entries: readonly LogEntry[], t: number) {
  return entries.filter((entry) => entry.t <= t).reduce(reduce, EMPTY_LESSON);
}

/** Events that touch everything a seek must bring back; several entries may share one t. */
const anyEvent: fc.Arbitrary<LessonEvent> = fc.oneof(
  fc.constantFrom('page1', 'a', 'b').map((page): LessonEvent => ({ type: 'page.turned', page })),
  fc.constantFrom('a', 'b').map((id): LessonEvent => ({ type: 'page.added', page: { id, kind: 'grid' } })),
  fc.tuple(fc.nat(30), fc.boolean()).map(([n, begins]): LessonEvent => {
    const head = begins
      ? { page: 'page1', brush: { tool: 'pen', colour: '#000000', width: 4, grid: 1 } as const }
      : {};
    return { type: 'ink.drawn', stroke: `s${n}`, ...head, data: 'AA' };
  }),
  fc.nat(30).map((n): LessonEvent => ({ type: 'ink.erased', page: 'page1', strokes: [`s${n}`] })),
  fc.constantFrom('ink.undone', 'ink.redone').map((type): LessonEvent => ({ type, page: 'page1' })),
  fc.constant<LessonEvent>({ type: 'chat.said', text: '好' }),
  fc.constant<LessonEvent>({ type: 'hand.raised', participant: ROOM }),
  fc.constant<LessonEvent>({ type: 'hand.lowered', participant: ROOM }),
);

const anyLog: fc.Arbitrary<LogEntry[]> = fc
  .array(fc.tuple(fc.nat(50), anyEvent), { maxLength: 900 })
  .map((steps) => {
    let t = 0;
    return steps.map(([wait, event], i) => {
      t += wait;
      return { seq: i + 1, t, actor: TEACHER, event };
    });
  });

describe('Timeline', function () {
  this.timeout(20_000);

  it('gives the full fold at any time, whatever the order of the seeks', () => {
    fc.assert(
      fc.property(
        anyLog,
        fc.array(fc.double({ min: 0, max: 1.1, noNaN: true }), { maxLength: 12 }),
        (entries, seeks) => {
          const timeline = new Timeline(entries);
          const end = entries.at(-1)?.t ?? 0;
          for (const share of seeks) {
            const t = share * end;
            assert.deepEqual(timeline.at(t), fullFold(entries, t));
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is exact at the very time of an entry, and just before it', () => {
    const { entries } = writtenLesson(30);
    const timeline = new Timeline(entries);
    for (const { t } of entries.toReversed()) {
      assert.equal(digest(timeline.at(t)), digest(fullFold(entries, t)));
      assert.equal(digest(timeline.at(t - 1)), digest(fullFold(entries, t - 1)));
    }
  });

  it('gives the same object until there is a further entry', () => {
    const { entries } = writtenLesson(5);
    const timeline = new Timeline(entries);
    assert.equal(timeline.at(1500), timeline.at(1500.9));
  });

  it('folds ahead in slices, and knows when it is done', () => {
    const { entries } = writtenLesson(120);
    const timeline = new Timeline(entries);
    let slices = 1;
    while (!timeline.prepare(() => true)) slices += 1;
    assert.equal(slices, Math.floor(entries.length / 200));
    assert.deepEqual(timeline.at(60_000), fullFold(entries, 60_000));
  });

  it('seeks in less than 10 ms in a lesson of 20,000 entries', () => {
    const entries = writtenLesson(3000, 60).entries;
    assert.ok(entries.length > 20_000, `${entries.length} entries`);
    const timeline = new Timeline(entries);
    timeline.prepare(() => false);
    const took = Array.from({ length: 101 }, (_, i) => {
      const t = ((i * 7919) % 3000) * 1000 + 400;
      const before = performance.now();
      timeline.at(t);
      return performance.now() - before;
    }).sort((a, b) => a - b);
    // The median: a garbage collection or a neighbour on the machine is not what this is about.
    assert.ok((took[50] ?? 99) < 10, `median ${took[50]} ms`);
  });
});
