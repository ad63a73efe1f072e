import assert from 'node:assert/strict';
import type { Level } from '../../protocol/devices.ts';
import type { Rollout, UpdatingDevice } from '../../protocol/updates.ts';
import { type Seen, step, takeBack } from '../../server/devices/rollout.ts';
import { wavesOf } from '../../server/devices/updates.ts';

const MINUTE = 60_000;

describe('a roll-out', () => {
  const device = (name: string, wave: number): UpdatingDevice => ({
    ...{ device: name, room: `r${name}`, wave, former: 'old', step: 'waiting', at: 0 },
    ...{ before: null, failure: null },
  });
  const rollout = (change: Partial<Rollout> = {}): Rollout => ({
    ...{
      id: 'u1',
      by: 'tech',
      closed: false,
      target: 'new',
      schools: ['s'],
      soakMinutes: 10,
      failPercent: 0,
    },
    ...{ state: 'running', haltedBy: null, startedAt: 0, endedAt: null },
    waves: [0, 1].map(() => ({ startedAt: null, settledAt: null, doneAt: null })),
    devices: [device('a', 0), device('b', 1), device('c', 1)],
    ...change,
  });
  const idle: Seen = { build: 'old', online: true, busy: false, check: null };
  const see = (seen: Record<string, Partial<Seen>>) =>
    new Map(['a', 'b', 'c'].map((name) => [name, { ...idle, ...seen[name] }]));
  const steps = ({ devices }: Rollout) => devices.map((one) => one.step).join(' ');
  const checked = (at: number, level: Level): Partial<Seen> => ({ build: 'new', check: { at, level } });

  it('takes one wave after the other, each once the one before was watched', () => {
    let now = 0;
    let { rollout: state, actions } = step(rollout(), see({}), now);
    assert.deepEqual(actions, [{ kind: 'give', device: 'a', build: 'new' }]);
    ({ rollout: state, actions } = step(state, see({ a: { build: 'new' } }), ++now));
    assert.deepEqual(actions, [{ kind: 'check', device: 'a' }]);
    const well = { a: checked(1, 'green') };
    ({ rollout: state } = step(state, see(well), ++now));
    assert.equal(steps(state), 'well waiting waiting');
    ({ rollout: state } = step(state, see(well), now + 9 * MINUTE));
    ({ rollout: state, actions } = step(state, see(well), now + 10 * MINUTE));
    assert.deepEqual(actions, [], 'the first is done');
    ({ rollout: state, actions } = step(state, see(well), now + 11 * MINUTE));
    assert.deepEqual(
      actions.map((one) => one.device),
      ['b', 'c'],
    );
  });

  it('leaves a screen alone that is away, in a lesson or near one', () => {
    for (const seen of [{ online: false }, { busy: true }]) {
      const { rollout: state, actions } = step(rollout(), see({ a: seen }), 1);
      assert.deepEqual([steps(state), actions], ['waiting waiting waiting', []]);
    }
  });

  it('halts where a screen does not come back, is not checked, or its check turned red', () => {
    const told = rollout({ devices: [{ ...device('a', 0), step: 'told' }, device('b', 1)] });
    const back = rollout({ devices: [{ ...device('a', 0), step: 'back' }, device('b', 1)] });
    for (const [failure, after] of [
      ['not_back', step(told, see({}), 21 * MINUTE)],
      ['no_check', step(back, see({ a: { build: 'new' } }), 11 * MINUTE)],
      ['check_red', step(back, see({ a: checked(1, 'red') }), 2)],
    ] as const) {
      assert.deepEqual([after.rollout.state, after.rollout.haltedBy], ['halted', 'failures'], failure);
      assert.equal(after.rollout.devices[0]?.failure, failure);
      assert.deepEqual(after.actions, [{ kind: 'give', device: 'a', build: 'old' }]);
      const { rollout: returned } = step(after.rollout, see({}), 30 * MINUTE);
      assert.equal(steps(returned), 'returned waiting', 'and no other begins');
    }
  });

  it('does not blame the build for what was red before', () => {
    const back = rollout({ devices: [{ ...device('a', 0), step: 'back', before: 'red' }] });
    assert.equal(steps(step(back, see({ a: checked(1, 'red') }), 2).rollout), 'well');
  });

  it('goes on where few fail, and takes those back', () => {
    const one = (name: string) => ({ ...device(name, 0), step: 'back' }) as const;
    const before = rollout({ failPercent: 40, devices: ['a', 'b', 'c'].map(one) });
    const good = checked(1, 'green');
    const after = step(before, see({ a: checked(1, 'red'), b: good, c: good }), 2);
    assert.equal(after.rollout.state, 'running');
    assert.equal(steps(after.rollout), 'returning well well');
    assert.deepEqual(after.actions, [{ kind: 'give', device: 'a', build: 'old' }]);
  });

  it('takes the whole wave back where too many fail, and leaves earlier ones', () => {
    const waves = [
      { startedAt: 0, settledAt: 0, doneAt: 1 },
      { startedAt: 1, settledAt: null, doneAt: null },
    ];
    const devices = [
      { ...device('a', 0), step: 'well' },
      { ...device('b', 1), step: 'well' },
      { ...device('c', 1), step: 'back' },
    ] as const;
    const seen = see({ a: { build: 'new' }, b: { build: 'new' }, c: checked(5, 'red') });
    const after = step(rollout({ waves, devices: [...devices] }), seen, 6);
    assert.equal(steps(after.rollout), 'well returning returning');
    const all = takeBack(after.rollout, () => true, 7);
    assert.deepEqual(all.actions, [{ kind: 'give', device: 'a', build: 'old' }]);
  });

  it('puts rooms into waves by name and by share', () => {
    const rooms = Array.from({ length: 8 }, (_, i) => `r${i}`);
    const waves = wavesOf([{ rooms: ['r5'] }, { percent: 25 }, { percent: 50 }], rooms);
    assert.deepEqual(
      [0, 1, 2].map((wave) => rooms.filter((room) => waves.get(room) === wave)),
      [['r5'], ['r0'], ['r1', 'r2', 'r3', 'r4', 'r6', 'r7']],
      'a quarter with the first; what is left over joins the last',
    );
  });
});
