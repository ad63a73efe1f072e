import { TongkeError } from '../../protocol/errors.ts';
import type { Rollout, UpdatingDevice, WavePlan } from '../../protocol/updates.ts';
import { buildIn } from '../../protocol/updates.ts';
import type { Log } from '../log.ts';
import { createCommands, settleCommand } from '../store/commands.ts';
import { findDevice } from '../store/devices.ts';
import { newId } from '../store/models.ts';
import {
  buildsGiven,
  giveBuild,
  openRollouts,
  recentRollouts,
  screensOfRooms,
  writeRollout,
} from '../store/rollouts.ts';
import type { Builds } from './builds.ts';
import type { Directory, KnownRoom } from './directory.ts';
import type { Fleet } from './fleet.ts';
import { moving, type RolloutAction, type Seen, step, takeBack } from './rollout.ts';

const EVERY_MS = 20_000;
/** So long before a lesson a screen is left alone: the check before it, and a way back, fit in. */
const NEAR_MS = 15 * 60_000;

export interface UpdatesOptions {
  readonly builds: Builds;
  readonly fleet: Fleet;
  readonly directory: Directory;
  readonly log: Log;
}

export interface RolloutPlan {
  readonly by: string;
  /** All schools that whoever starts it serves. */
  readonly schools: readonly string[];
  readonly waves: readonly WavePlan[];
  readonly soakMinutes: number;
  readonly failPercent: number;
}

/** Which build each screen is given, and how a new one comes to them, wave by wave. */
export class Updates {
  readonly #options: UpdatesOptions;
  #timer: NodeJS.Timeout | undefined;
  #working: Promise<unknown> = Promise.resolve();

  constructor(options: UpdatesOptions) {
    this.#options = options;
  }

  async open(): Promise<void> {
    const { builds, directory } = this.#options;
    this.#timer = setInterval(() => void this.look(), EVERY_MS).unref();
    const rollouts = await openRollouts();
    directory.updatesFailed = failedRooms(rollouts);
    const formers = rollouts.flatMap(({ target, devices }) => [
      target,
      ...devices.map(({ former }) => former),
    ]);
    await builds.forgetBut(new Set([...(await buildsGiven()), ...formers.filter((one) => one !== null)]));
  }

  /** Looks only when it is told to: for whoever has a clock of their own. */
  rest(): void {
    clearInterval(this.#timer);
  }

  async close(): Promise<void> {
    this.rest();
    await this.#working;
  }

  /**
   * What a screen that says which build it runs should run; null where the server has none to give. At first that is
   * the build it came with.
   */
  async greeted(device: string, version: string): Promise<string | null> {
    const { builds } = this.#options;
    const kept = (await findDevice(device))?.build;
    if (kept !== undefined && builds.has(kept)) return kept;
    const running = buildIn(version);
    // One that runs what is not kept, or cannot say, gets the newest at its next opening, as everyone does.
    if (running === null || !builds.has(running)) return null;
    await giveBuild(device, running);
    return running;
  }

  /** Where the pages that a screen is given lie; null: wherever everyone's do. */
  async pagesFor(device: string): Promise<string | null> {
    const build = (await findDevice(device))?.build;
    return build === undefined ? null : this.#options.builds.directoryOf(build);
  }

  /** Rejects with `update_running` where a school of it has one, with `bad_request` where there is nothing to do. */
  start(plan: RolloutPlan, now = Date.now()): Promise<string> {
    return this.#alone(async () => {
      const target = this.#options.builds.newest;
      const rooms = (await this.#rooms(now)).filter(({ school }) => plan.schools.includes(school.id));
      if (target === null || rooms.length === 0) throw new TongkeError('bad_request', 'nothing to update');
      const overlapping = (await openRollouts()).filter(({ schools }) =>
        schools.some((school) => plan.schools.includes(school)),
      );
      if (overlapping.some(({ state }) => state === 'running')) throw new TongkeError('update_running');
      const devices = await this.#devicesToUpdate(plan, rooms, target, now);
      if (devices.length === 0) throw new TongkeError('bad_request', 'nothing to update');
      for (const one of overlapping) await writeRollout({ ...one, closed: true });
      const { by, schools, soakMinutes, failPercent } = plan;
      const rollout: Rollout = {
        ...{ id: newId('u'), by, closed: false, target, schools: [...schools], soakMinutes, failPercent },
        ...{ state: 'running', haltedBy: null, startedAt: now, endedAt: null, devices },
        waves: plan.waves.map(() => ({ startedAt: null, settledAt: null, doneAt: null })),
      };
      await writeRollout(rollout);
      await this.#looked(now);
      return rollout.id;
    });
  }

  /** No further screen changes. Rejects with `not_found`. */
  halt(id: string, schools: readonly string[], now = Date.now()): Promise<void> {
    return this.#alone(async () => {
      const rollout = await own(id, schools);
      if (rollout.state !== 'running') return;
      await writeRollout({ ...rollout, state: 'halted', haltedBy: 'person', endedAt: now });
    });
  }

  /** Every screen goes back to what it had. Rejects with `not_found`. */
  takeBack(id: string, schools: readonly string[], now = Date.now()): Promise<void> {
    return this.#alone(async () => {
      const rollout = await own(id, schools);
      const { actions, rollout: back } = takeBack(rollout, () => true, now);
      await this.#carryOut(actions, rollout.by);
      await writeRollout({ ...back, state: 'returned', endedAt: rollout.endedAt ?? now });
      this.#options.directory.updatesFailed = failedRooms(await openRollouts());
    });
  }

  /** One look at every roll-out. Failures are logged: the next look comes soon. */
  look(now = Date.now()): Promise<void> {
    return this.#alone(() => this.#looked(now)).catch((error: unknown) =>
      this.#options.log.warn({ err: error }, 'roll-outs were not looked at'),
    );
  }

  /** For the page of whoever serves these schools. */
  async list(schools: readonly string[], now = Date.now()) {
    const { builds } = this.#options;
    const rooms = (await this.#rooms(now)).filter(({ school }) => schools.includes(school.id));
    const screens = await screensOfRooms(rooms.map(({ id }) => id));
    const late = new Set(screens.filter(({ build }) => build !== builds.newest).map(({ room }) => room));
    const named = rooms.map(({ id, name, school }) => ({ id, name, school: school.name }));
    const rollouts = (await recentRollouts(schools)).map((rollout) => {
      const seen = new Set(named.map(({ id }) => id));
      const shown = rollout.devices.filter(({ room }) => seen.has(room));
      const concerned = new Set(shown.map(({ room }) => room));
      return {
        ...rollout,
        own: rollout.schools.every((school) => schools.includes(school)),
        devices: shown,
        rooms: named.filter(({ id }) => concerned.has(id)),
      };
    });
    const behind = builds.newest === null ? [] : named.filter(({ id }) => late.has(id));
    return { newest: builds.newest, behind, rollouts };
  }

  async #looked(now: number): Promise<void> {
    const { directory } = this.#options;
    const rollouts = await openRollouts();
    const after = rollouts.filter((one) => moving(one).length === 0);
    if (after.length === rollouts.length) return;
    const rooms = await this.#rooms(now);
    for (const rollout of rollouts.filter((one) => !after.includes(one))) {
      const { rollout: stepped, actions } = step(rollout, await this.#see(rollout, rooms, now), now);
      // Done before it is written: a server that dies in between does it again.
      await this.#carryOut(actions, rollout.by);
      if (JSON.stringify(stepped) !== JSON.stringify(rollout)) await writeRollout(stepped);
      after.push(stepped);
    }
    directory.updatesFailed = failedRooms(after);
  }

  async #see(rollout: Rollout, rooms: readonly KnownRoom[], now: number): Promise<Map<string, Seen>> {
    const concerned = new Set(moving(rollout).map(({ room }) => room));
    const known = rooms.filter(({ id }) => concerned.has(id));
    const busy = new Set(known.filter((room) => isBusy(room, now)).map(({ id }) => id));
    const screens = await screensOfRooms(known.map(({ id }) => id));
    return new Map(
      screens.map(({ id, room, build, check }) => {
        const online = this.#options.fleet.live(id)?.online === true;
        return [id, { build, online, busy: busy.has(room), check }];
      }),
    );
  }

  async #carryOut(actions: readonly RolloutAction[], by: string): Promise<void> {
    const { fleet } = this.#options;
    for (const action of actions) {
      const { device } = action;
      if (action.kind === 'give') {
        await giveBuild(device, action.build);
        fleet.tell(device, { type: 'build', build: action.build });
      } else {
        const [command] = await createCommands([device], { kind: 'check' }, by);
        if (command && fleet.command(device, { id: command.id, kind: 'check' }))
          await settleCommand(command.id, device, 'sent');
      }
    }
  }

  async #devicesToUpdate(
    plan: RolloutPlan,
    rooms: readonly KnownRoom[],
    target: string,
    now: number,
  ): Promise<UpdatingDevice[]> {
    const { builds } = this.#options;
    const screens = await screensOfRooms(rooms.map(({ id }) => id));
    const late = screens.filter(({ build }) => build !== target);
    const waves = wavesOf(plan.waves, [...new Set(late.map(({ room }) => room))]);
    return late.map(({ id, room, build }) => ({
      ...{ device: id, room, wave: waves.get(room) ?? 0 },
      former: build !== null && builds.has(build) ? build : null,
      ...{ step: 'waiting', at: now, before: null, failure: null },
    }));
  }

  #rooms(now: number): Promise<KnownRoom[]> {
    return this.#options.directory.everyRoom(now);
  }

  /** One after the other: a look and a person's word never meet halfway. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#working.then(work, work);
    this.#working = done.catch(() => {});
    return done;
  }
}

/** Which wave each room is in: named rooms in theirs, the others by their share, and who is left over in the last. */
export function wavesOf(plans: readonly WavePlan[], rooms: readonly string[]): Map<string, number> {
  const waves = new Map<string, number>();
  plans.forEach((plan, wave) => {
    if (!('rooms' in plan)) return;
    for (const room of plan.rooms) if (rooms.includes(room) && !waves.has(room)) waves.set(room, wave);
  });
  const others = rooms.filter((room) => !waves.has(room));
  plans.forEach((plan, wave) => {
    if (!('percent' in plan)) return;
    const before = [...waves.values()].filter((one) => one <= wave).length;
    const most = Math.ceil((rooms.length * plan.percent) / 100) - before;
    for (const room of others.splice(0, Math.max(0, most))) waves.set(room, wave);
  });
  for (const room of others) waves.set(room, plans.length - 1);
  return waves;
}

async function own(id: string, schools: readonly string[]): Promise<Rollout> {
  const found = (await openRollouts()).find((one) => one.id === id);
  if (!found?.schools.every((school) => schools.includes(school))) throw new TongkeError('not_found');
  return found;
}

function isBusy({ facts: { next } }: KnownRoom, now: number): boolean {
  return next !== null && (next.live || next.startsAt - now < NEAR_MS);
}

/** Rooms to be looked after, until somebody takes all back or starts anew. */
function failedRooms(rollouts: readonly Rollout[]): ReadonlySet<string> {
  const open = rollouts.filter(({ state }) => state !== 'returned');
  return new Set(
    open.flatMap(({ devices }) => devices.filter((one) => one.failure !== null).map(({ room }) => room)),
  );
}
