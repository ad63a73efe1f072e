import assert from 'node:assert/strict';
import { linesOf, search } from '../../client/replay/search.ts';
import type { LessonEvent, LogEntry } from '../../protocol/events.ts';

describe('searching a lesson', () => {
  it('finds what is written on a page that was brought, when that was first turned to', () => {
    const file = (sha256: string) =>
      ({ sha256, form: 'svg', bytes: 1_000, width: 720, height: 405 }) as const;
    const [drop, ice] = ['a'.repeat(64), 'b'.repeat(64)];
    const events: LessonEvent[] = [
      {
        type: 'page.laid',
        pages: [
          { id: 'p1', kind: 'courseware', file: file(drop) },
          { id: 'p2', kind: 'courseware', file: file(ice) },
        ],
      },
      { type: 'page.turned', page: 'p2' },
      { type: 'page.turned', page: 'p1' },
      { type: 'page.turned', page: 'p2' },
    ];
    const entries = events.map((event, i): LogEntry => ({ seq: i + 1, t: 1_000 * (i + 1), event }));
    const words = new Map([
      [drop, 'A drop of water'],
      [ice, 'Ice melts at 0 °C'],
    ]);
    const found = (query: string) =>
      search(linesOf(entries, words), query).map(({ line }) => [line.kind, line.t]);
    assert.deepEqual(found('ICE'), [['page', 2_000]]);
    assert.equal(found('steam').length, 0);
    assert.equal(found('drop').length, 1);
    assert.equal(search(linesOf(entries), 'ice').length, 0, 'without its words');
  });
});
