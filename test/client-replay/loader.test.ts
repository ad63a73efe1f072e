import assert from 'node:assert/strict';
import { type LoaderView, ReplayLoader } from '../../client/replay/loader.ts';
import { type ErrorCode, TongkeError } from '../../protocol/errors.ts';
import type { Replay } from '../../protocol/replay.ts';
import { writtenLesson } from './lesson-log.ts';

const REPLAY: Replay = {
  lesson: 'l1',
  title: { 'zh-CN': '水的三态' },
  teacher: { 'zh-CN': '卓玛' },
  startedAt: 0,
  from: 0,
  to: 3000,
  state: { voice: 'ready', picture: 'ready', progress: 1 },
  renditions: [],
  gaps: [],
  log: '/log',
  lines: '/lines',
  part: 'student',
};
const UNFINISHED: Replay = { ...REPLAY, state: { voice: 'ready', picture: 'working', progress: 0.5 } };

/** A server that gives these answers, one after the other, at once when asked again. */
function setUp(...answers: (Replay | ErrorCode | 'no network')[]) {
  let logs = 0;
  const loader = new ReplayLoader(
    'l1',
    {
      async show() {
        const answer = answers.shift();
        if (answer === undefined) throw new Error('asked once too often');
        if (answer === 'no network') throw new TypeError('fetch failed');
        if (typeof answer === 'string') throw new TongkeError(answer);
        return answer;
      },
      async log() {
        logs += 1;
        return { entries: writtenLesson(3).entries };
      },
    },
    1,
  );
  const seen: LoaderView[] = [];
  loader.subscribe(() => seen.push(loader.view()));
  /** Resolves once the view is like that. */
  const until = (holds: (view: LoaderView) => boolean): Promise<void> =>
    new Promise((resolve) => {
      const check = () => {
        if (!holds(loader.view())) return;
        stop();
        resolve();
      };
      const stop = loader.subscribe(check);
      check();
    });
  return { loader, seen, until, logs: () => logs, left: answers };
}

describe('ReplayLoader', () => {
  it('opens, and asks no more when all is made', async () => {
    const { loader, logs } = setUp(REPLAY);
    await loader.load();
    assert.equal(loader.view().status, 'open');
    assert.equal(logs(), 1);
  });

  it('asks again until every rendition is there, for the manifest only', async () => {
    const { loader, until, logs, left } = setUp(UNFINISHED, UNFINISHED, REPLAY);
    await loader.load();
    const { loaded } = loader.view();
    await until((view) => view.loaded?.replay === REPLAY);
    assert.equal(loader.view().loaded?.entries, loaded?.entries);
    assert.deepEqual([logs(), left.length], [1, 0]);
  });

  it('takes the log anew where the teacher has changed what is shown', async () => {
    const { loader, logs } = setUp(REPLAY, { ...REPLAY, cut: 1 });
    await loader.load();
    const { loaded } = loader.view();
    await loader.load();
    assert.equal(logs(), 2);
    assert.equal(loader.view().loaded?.entries.length, loaded?.entries.length);
  });

  it('waits for a replay that is not there yet', async () => {
    const { loader, seen, until } = setUp('replay_not_ready', REPLAY);
    await loader.load();
    await until((view) => view.status === 'open');
    assert.equal(seen[0]?.status, 'pending');
  });

  it('says why it is refused, and asks no more', async () => {
    const { loader, left } = setUp('forbidden', REPLAY);
    await loader.load();
    assert.deepEqual([loader.view().status, loader.view().code, left.length], ['refused', 'forbidden', 1]);
  });

  it('goes on showing what it has while the server cannot be reached', async () => {
    const { loader, seen, until } = setUp(UNFINISHED, 'no network', 'database_unavailable', REPLAY);
    await loader.load();
    await until((view) => view.loaded?.replay === REPLAY);
    assert.deepEqual(
      seen.map(({ status, unreachable }) => [status, unreachable]),
      [
        ['open', false],
        ['open', true],
        ['open', true],
        ['open', false],
      ],
    );
  });

  it('stops when told to', async () => {
    const { loader, left } = setUp(UNFINISHED, REPLAY);
    await loader.load();
    loader.stop();
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(left.length, 1);
  });
});
