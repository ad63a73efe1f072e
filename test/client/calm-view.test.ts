import assert from 'node:assert/strict';
import { CalmView } from '../../client/lesson/calm-view.ts';
import { NOTHING_YET } from '../../client/lesson/pending-view.ts';
import type { LessonView } from '../../client/lesson/types.ts';
import type { LessonEvent } from '../../protocol/events.ts';
import { EMPTY_LESSON, reduce } from '../../protocol/lesson.ts';

const BRUSH = { tool: 'pen', colour: '#1a1a1a', width: 6, grid: 1 } as const;

/** A session that a test changes. */
class Told {
  #view: LessonView = { ...NOTHING_YET, connection: 'joined', state: EMPTY_LESSON };
  readonly #listeners = new Set<() => void>();

  view = () => this.#view;

  subscribe = (listener: () => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  happens(event: LessonEvent, unsent = 0): void {
    const before = this.#view.state ?? EMPTY_LESSON;
    const state = reduce(before, { seq: before.seq + 1, t: before.t + 1, actor: 'dolma', event });
    this.#view = { ...this.#view, state, unsent };
    for (const listener of this.#listeners) listener();
  }
}

describe('a calm view', () => {
  it('shows at once what is not ink, and ink a moment later, many strokes in one', async () => {
    const session = new Told();
    const calm = new CalmView(session);
    let shown = 0;
    let next: () => void = () => {};
    const end = calm.subscribe(() => {
      shown++;
      next();
    });
    for (let i = 0; i < 20; i++)
      session.happens({ type: 'ink.drawn', stroke: `s${i}`, page: 'page1', brush: BRUSH, data: 'AA' }, i);
    assert.equal(shown, 0);
    await new Promise<void>((resolve) => {
      next = resolve;
    });
    assert.equal(shown, 1);
    assert.equal(calm.view(), session.view());
    session.happens({ type: 'page.added', page: { id: 'page2', kind: 'grid' } });
    assert.equal(calm.view().state?.board.current, 'page2');
    session.happens({ type: 'ink.drawn', stroke: 'last', page: 'page2', brush: BRUSH, data: 'AA' });
    assert.equal(shown, 2);
    session.happens({ type: 'lesson.paused' });
    assert.equal(shown, 3);
    assert.equal(calm.view(), session.view());
    end();
  });
});
