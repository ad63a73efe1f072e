import mongoose from 'mongoose';
import type { Check } from '../../protocol/devices.ts';
import { buildIn, type Rollout } from '../../protocol/updates.ts';
import { attempt } from './database.ts';
import { Devices } from './device-models.ts';

type RolloutRow = Omit<Rollout, 'id'> & { _id: string };

const { Mixed } = mongoose.Schema.Types;
const text = { type: String, required: true } as const;

/** Written whole at each step: two thousand screens are 400 KB. Checked by the protocol's schema where it is made. */
const rolloutSchema = new mongoose.Schema<RolloutRow>(
  {
    _id: String,
    by: text,
    closed: { type: Boolean, required: true, index: true },
    target: text,
    schools: { type: [String], required: true, index: true },
    state: text,
    haltedBy: String,
    startedAt: { type: Number, required: true, index: true },
    endedAt: Number,
    waves: { type: Mixed, required: true },
    devices: { type: Mixed, required: true },
    soakMinutes: { type: Number, required: true },
    failPercent: { type: Number, required: true },
  },
  { versionKey: false, minimize: false },
);
const Rollouts = mongoose.model('Rollout', rolloutSchema, 'rollouts');

const SHOWN = 10;

export async function writeRollout({ id, ...rollout }: Rollout): Promise<void> {
  await attempt(() => Rollouts.replaceOne({ _id: id }, rollout, { upsert: true }));
}

/** Those that no later one has replaced. */
export async function openRollouts(): Promise<Rollout[]> {
  const rows = await attempt(() => Rollouts.find({ closed: false }).sort({ startedAt: 1 }).lean());
  return rows.map(present);
}

/** The last that concerned one of these schools, newest first. */
export async function recentRollouts(schools: readonly string[]): Promise<Rollout[]> {
  const filter = { schools: { $in: [...schools] } };
  const rows = await attempt(() => Rollouts.find(filter).sort({ startedAt: -1 }).limit(SHOWN).lean());
  return rows.map(present);
}

/** Of a screen in service, what a roll-out needs to know. */
export interface RunningScreen {
  readonly id: string;
  readonly room: string;
  /** Null where it does not say. */
  readonly build: string | null;
  readonly check: Check | null;
}

export async function screensOfRooms(rooms: readonly string[]): Promise<RunningScreen[]> {
  const filter = { room: { $in: [...rooms] }, key: { $exists: true } };
  const brief = { formerKeys: 0, report: 0, events: 0, checks: { $slice: -1 } } as const;
  const rows = await attempt(() => Devices.find(filter, brief).lean());
  return rows.map(({ _id, room, facts, checks }) => ({
    ...{ id: _id, room, build: buildIn(facts?.version), check: checks?.at(-1) ?? null },
  }));
}

/** The build that a screen is given from now on. */
export async function giveBuild(device: string, build: string): Promise<void> {
  await attempt(() => Devices.updateOne({ _id: device }, { $set: { build } }));
}

/** Every build that some screen in service is given. */
export async function buildsGiven(): Promise<string[]> {
  const builds: unknown[] = await attempt(() => Devices.distinct('build', { key: { $exists: true } }));
  return builds.filter((build) => typeof build === 'string');
}

function present({ _id, ...row }: RolloutRow): Rollout {
  return { ...row, id: _id };
}
