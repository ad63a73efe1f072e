import assert from 'node:assert/strict';
import { laterChoice } from '../../client/replay/renditions.ts';
import type { Replay } from '../../protocol/replay.ts';

function replayWith(...kinds: ('voice' | 'picture')[]): Replay {
  return {
    ...{
      lesson: 'l1',
      title: { 'zh-CN': '水' },
      teacher: { 'zh-CN': '卓玛' },
      startedAt: 0,
      from: 0,
      to: 60_000,
    },
    state: { voice: 'working', picture: 'waiting', progress: 0 },
    renditions: kinds.map((kind) => ({ kind, url: `/${kind}.m3u8`, bytes: 1e6 })),
    ...{ gaps: [], log: '/log', lines: '/lines', part: 'student' },
  };
}

const inInk = { wanted: null, watching: 'ink', begun: true, hadVoice: false } as const;

describe('what becomes ready while one watches', () => {
  it('is heard by itself where it is the first voice there is, at the bell of a lesson too', () => {
    assert.equal(laterChoice(replayWith(), inInk), 'ink');
    assert.equal(laterChoice(replayWith('voice'), inInk), 'voice');
    assert.equal(laterChoice(replayWith('voice', 'picture'), { ...inInk, wanted: 'picture' }), 'voice');
  });

  it('leaves in silence who chose it, before or just now', () => {
    assert.equal(laterChoice(replayWith('voice'), { ...inInk, wanted: 'ink' }), 'ink');
    assert.equal(laterChoice(replayWith('voice'), { ...inInk, hadVoice: true }), 'ink');
  });

  it('is what is wanted as long as nothing has been played, and never takes a picture away', () => {
    const idle = { ...inInk, begun: false };
    assert.equal(laterChoice(replayWith('voice', 'picture'), { ...idle, wanted: 'picture' }), 'picture');
    assert.equal(laterChoice(replayWith('voice'), { ...idle, wanted: 'picture' }), 'voice');
    const seen = { ...inInk, watching: 'picture', hadVoice: true } as const;
    assert.equal(laterChoice(replayWith('voice', 'picture'), { ...seen, begun: false }), 'picture');
  });
});
