import assert from 'node:assert/strict';
import { chaptersOf, handsOf, pageAt, speakersOf } from '../../client/replay/chapters.ts';
import { pausesOf } from '../../client/replay/pauses.ts';
import { choicesOf, firstChoice, isUnfinished } from '../../client/replay/renditions.ts';
import { Timeline } from '../../client/replay/timeline.ts';
import type { Replay } from '../../protocol/replay.ts';
import { LogWriter, ROOM, TEACHER } from './lesson-log.ts';

const REPLAY: Replay = {
  lesson: 'l1',
  title: { 'zh-CN': '水的三态' },
  teacher: { 'zh-CN': '卓玛' },
  startedAt: 0,
  from: 1000,
  to: 60_000,
  state: { voice: 'ready', picture: 'working', progress: 0.5 },
  renditions: [{ kind: 'voice', url: '/v.m3u8', bytes: 4e6 }],
  gaps: [],
  log: '/log',
  lines: '/lines',
  part: 'student',
};

describe('chapters', () => {
  const log = new LogWriter()
    .begin()
    .add(500, { type: 'page.added', page: { id: 'cover', kind: 'blank' } })
    .add(20_000, { type: 'page.added', page: { id: 'b', kind: 'grid' } })
    .add(30_000, { type: 'page.turned', page: 'page1' }) // on the way to the cover
    .add(30_400, { type: 'page.turned', page: 'cover' })
    .add(35_000, { type: 'hand.raised', participant: ROOM }, ROOM)
    .add(36_000, { type: 'stage.called', participant: ROOM })
    .add(37_000, { type: 'stream.opened', stream: { id: 'mic2', participant: ROOM, source: 'mic' } }, ROOM)
    .add(40_000, { type: 'page.turned', page: 'b' })
    .add(40_500, { type: 'page.turned', page: 'cover' })
    .add(70_000, { type: 'page.turned', page: 'b' });
  const chapters = chaptersOf(log.entries, 1000, 60_000);

  it('are the pages one stayed on, and who was asked', () => {
    assert.deepEqual(
      chapters.map((chapter) => [
        chapter.kind,
        chapter.t,
        chapter.kind === 'page' ? chapter.number : 'participant' in chapter && chapter.participant,
      ]),
      [
        ['page', 1000, 2],
        ['page', 20_000, 3],
        ['page', 30_400, 2],
        ['hand', 35_000, ROOM],
        ['call', 36_000, ROOM],
      ],
    );
  });

  it('know which page a time lies in', () => {
    assert.deepEqual(
      [999, 1000, 25_000, 50_000].map((t) => pageAt(chapters, t)),
      [-1, 0, 1, 2],
    );
  });

  it('speakers and hands are those of the moment', () => {
    const timeline = new Timeline(log.entries);
    const at = (t: number) => ({
      speak: speakersOf(timeline.at(t)).map(({ id }) => id),
      hands: handsOf(timeline.at(t)).map(({ id }) => id),
    });
    assert.deepEqual(at(10_000), { speak: [TEACHER], hands: [] });
    assert.deepEqual(at(35_500), { speak: [TEACHER], hands: [ROOM] });
    assert.deepEqual(at(38_000), { speak: [TEACHER, ROOM], hands: [] });
  });
});

describe('pauses', () => {
  it('are gaps without ink; ink in a gap is played first', () => {
    const gaps = [
      { from: 10_000, to: 15_000 },
      { from: 19_500, to: 30_000 },
      { from: 50_000, to: 50_400 },
    ];
    const { entries } = new LogWriter().begin().add(20_000, { type: 'page.turned', page: 'page1' });
    assert.deepEqual(pausesOf({ ...REPLAY, gaps }, entries), [
      { from: 10_000, to: 15_000 },
      { from: 21_000, to: 30_000 },
    ]);
    // Of a hidden passage pages are left, and what was erased in it.
    const hidden = { from: 19_500, to: 30_000, hidden: true };
    const cut = { ...REPLAY, gaps: [hidden], cut: 1 };
    const { entries: more } = new LogWriter()
      .begin()
      .add(20_000, { type: 'ink.cleared', page: 'page1', by: 'all' });
    for (const left of [entries, more]) assert.deepEqual(pausesOf(cut, left), [{ from: 19_500, to: 30_000 }]);
  });
});

describe('renditions', () => {
  it('are offered with their states and what they take', () => {
    assert.deepEqual(choicesOf(REPLAY), [
      { watching: 'voice', state: 'ready', bytes: 4e6 },
      { watching: 'picture', state: 'working', bytes: 0 },
      { watching: 'ink', state: 'ready', bytes: 0 },
    ]);
    assert.equal(isUnfinished(REPLAY), true);
    const silent = {
      ...REPLAY,
      renditions: [],
      state: { voice: 'ready', picture: 'ready', progress: 1 } as const,
    };
    assert.deepEqual(
      choicesOf(silent).map(({ state }) => state),
      ['none', 'none', 'ready'],
    );
  });

  it('begin as last time, else with voice, else in ink', () => {
    const silent = { ...REPLAY, renditions: [] };
    assert.deepEqual(
      [
        firstChoice(REPLAY, 'picture'),
        firstChoice(REPLAY, 'ink'),
        firstChoice(REPLAY, null),
        firstChoice(silent, 'voice'),
      ],
      ['voice', 'ink', 'voice', 'ink'],
    );
  });
});
