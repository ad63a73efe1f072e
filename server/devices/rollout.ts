import type { Level } from '../../protocol/devices.ts';
import type { Rollout, UpdateFailure, UpdateStep, UpdatingDevice, Wave } from '../../protocol/updates.ts';

/** The application over a link of 64 kbit/s, twice; and a screen that does not start is loaded anew every four minutes. */
const BACK_MS = 20 * 60_000;
/** A check takes half a minute; it waits for a line that comes and goes. */
const CHECK_MS = 10 * 60_000;
/** A wave goes on without the screens that are switched off, once so many of it are through. */
const ENOUGH = 0.5;
/** A look: two thousand that fetch a build at once would fill the server's own line. */
const AT_ONCE = 20;

/** What is known of a screen just now. */
export interface Seen {
  readonly build: string | null;
  readonly online: boolean;
  /** In a lesson, or one is near. */
  readonly busy: boolean;
  readonly check: { readonly at: number; readonly level: Level } | null;
}

export type RolloutAction =
  | { readonly kind: 'give'; readonly device: string; readonly build: string }
  | { readonly kind: 'check'; readonly device: string };

export interface Step {
  readonly rollout: Rollout;
  readonly actions: readonly RolloutAction[];
}

/** What a look at a roll-out's screens makes of it. Knows no clock and no database: the same gives the same. */
export function step(before: Rollout, seen: ReadonlyMap<string, Seen>, now: number): Step {
  const actions: RolloutAction[] = [];
  const open = before.state === 'running' ? startWave(before, now) : before;
  let given = 0;
  const devices = open.devices.map((one) => {
    const found = seen.get(one.device);
    if (!found || (one.step === 'waiting' && given >= AT_ONCE)) return one; // or taken out of service meanwhile
    const { device, action } = advance(one, found, open, now);
    if (action?.kind === 'give') given += 1;
    if (action) actions.push(action);
    return device;
  });
  const alone = takeBack({ ...open, devices }, (one) => one.step === 'failed', now);
  actions.push(...alone.actions);
  const moved = alone.rollout;
  if (moved.state !== 'running') return { rollout: moved, actions };
  const failing = moved.waves.findIndex((_wave, wave) => hasFailed(moved, wave));
  if (failing < 0) return { rollout: settle(moved, seen, now), actions };
  const halted: Rollout = { ...moved, state: 'halted', haltedBy: 'failures', endedAt: now };
  const returned = takeBack(halted, (one) => one.wave === failing, now);
  return { rollout: returned.rollout, actions: [...actions, ...returned.actions] };
}

/** The screens that a look may find changed; once there are none, it is only kept. */
export function moving({ state, devices }: Rollout): readonly UpdatingDevice[] {
  if (state === 'running') return devices;
  const steps = ['told', 'back', 'returning', ...(state === 'done' ? ['waiting'] : [])];
  return devices.filter((one) => steps.includes(one.step));
}

/** Gives screens that changed, or are about to, the build they had. That one failed stays known. */
export function takeBack(rollout: Rollout, which: (one: UpdatingDevice) => boolean, now: number): Step {
  const actions: RolloutAction[] = [];
  const devices = rollout.devices.map((one) => {
    const changed = one.step !== 'waiting' && one.step !== 'returning' && one.step !== 'returned';
    if (!changed || one.former === null || one.former === rollout.target || !which(one)) return one;
    actions.push({ kind: 'give', device: one.device, build: one.former });
    return to(one, 'returning', now);
  });
  return { rollout: { ...rollout, devices }, actions };
}

/** The next wave, where the one before is done. */
function startWave(rollout: Rollout, now: number): Rollout {
  const next = rollout.waves.findIndex(({ doneAt }) => doneAt === null);
  const wave = rollout.waves[next];
  if (!wave || wave.startedAt !== null) return rollout;
  return { ...rollout, waves: rollout.waves.with(next, { ...wave, startedAt: now }) };
}

interface Advance {
  readonly device: UpdatingDevice;
  readonly action?: RolloutAction;
}

function advance(one: UpdatingDevice, seen: Seen, rollout: Rollout, now: number): Advance {
  const { device: id } = one;
  const { target, state, waves } = rollout;
  const fresh = seen.check !== null && seen.check.at >= one.at ? seen.check : null;
  switch (one.step) {
    case 'waiting': {
      // One that was switched off all the while follows when it comes.
      const due = (state === 'running' || state === 'done') && waves[one.wave]?.startedAt !== null;
      if (!due || !seen.online || seen.busy) return { device: one };
      const told = { ...to(one, 'told', now), before: seen.check?.level ?? null };
      return { device: told, action: { kind: 'give', device: id, build: target } };
    }
    case 'told':
      if (seen.build === target && seen.online)
        return { device: to(one, 'back', now), action: { kind: 'check', device: id } };
      return { device: now - one.at > BACK_MS && !seen.busy ? failed(one, 'not_back', now) : one };
    case 'back':
      if (fresh) return { device: judged(one, fresh.level, now) };
      return { device: now - one.at > CHECK_MS && !seen.busy ? failed(one, 'no_check', now) : one };
    case 'well': {
      const soaks = waves[one.wave]?.doneAt === null && state === 'running';
      return { device: soaks && fresh ? judged(one, fresh.level, one.at) : one };
    }
    case 'returning':
      return { device: seen.build === one.former ? to(one, 'returned', now) : one };
    default:
      return { device: one };
  }
}

/** A check that was red before the change says nothing of it. */
function judged(one: UpdatingDevice, level: Level, now: number): UpdatingDevice {
  return level === 'red' && one.before !== 'red' ? failed(one, 'check_red', now) : to(one, 'well', now);
}

function failed(one: UpdatingDevice, failure: UpdateFailure, now: number): UpdatingDevice {
  return { ...to(one, 'failed', now), failure };
}

function to(one: UpdatingDevice, step: UpdateStep, at: number): UpdatingDevice {
  return { ...one, step, at };
}

/** The share is of the whole wave: a screen that is switched off has not failed. */
function hasFailed({ devices, failPercent }: Rollout, wave: number): boolean {
  const ofWave = devices.filter((one) => one.wave === wave);
  const failures = ofWave.filter(({ failure }) => failure !== null).length;
  return failures > 0 && failures * 100 > ofWave.length * failPercent;
}

/** Waves whose screens are through soak, and are done; with the last of them the roll-out is. */
function settle(rollout: Rollout, seen: ReadonlyMap<string, Seen>, now: number): Rollout {
  const waves = rollout.waves.map((wave, i): Wave => {
    if (wave.startedAt === null || wave.doneAt !== null) return wave;
    const ofWave = rollout.devices.filter((one) => one.wave === i && seen.has(one.device));
    const through = ofWave.filter(({ step, failure }) => step === 'well' || failure !== null);
    if (ofWave.length === 0) return { ...wave, settledAt: now, doneAt: now };
    const left = ofWave.filter((one) => !through.includes(one));
    const away = left.every((one) => one.step === 'waiting' && !seen.get(one.device)?.online);
    if (!away || through.length < ofWave.length * ENOUGH) return { ...wave, settledAt: null };
    const settledAt = wave.settledAt ?? now;
    const soaked = now - settledAt >= rollout.soakMinutes * 60_000;
    return { ...wave, settledAt, doneAt: soaked ? now : null };
  });
  const done = waves.every(({ doneAt }) => doneAt !== null);
  return { ...rollout, waves, ...(done && { state: 'done', endedAt: now }) };
}
