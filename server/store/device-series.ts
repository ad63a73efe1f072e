import { MEASURES, type Measures, type SeriesPoint, type SeriesSpan } from '../../protocol/devices.ts';
import { attempt, unlessAllThere } from './database.ts';
import { type Bucket, Series } from './device-models.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

interface Ring {
  /** One bucket. */
  readonly stepMs: number;
  /** One document: so many buckets that it stays small, so few that there are not many. */
  readonly stretchMs: number;
  /** Documents of a device: the oldest gives its place to the newest, so a device never takes more than these. */
  readonly places: number;
}

/** A minute for a day, ten for a month, an hour for a year; one stretch more than that, since the newest is not full. */
const RINGS: Readonly<Record<SeriesSpan, Ring>> = {
  day: { stepMs: MINUTE, stretchMs: HOUR, places: 25 },
  month: { stepMs: 10 * MINUTE, stretchMs: DAY, places: 32 },
  year: { stepMs: HOUR, stretchMs: 7 * DAY, places: 54 },
};
const SPANS = Object.entries(RINGS).map(([span, ring]) => ({ span, ring }));

/** Short, since they are repeated in every bucket. */
const KEYS = {
  roundTripMs: 'rt',
  loss: 'ls',
  downKbps: 'dn',
  upKbps: 'up',
  levelIn: 'li',
  levelOut: 'lo',
  frames: 'fr',
  cpu: 'cp',
  memoryMb: 'mm',
  freeMb: 'fm',
} as const;

/** The loudest voice of an hour: a mean says nothing of somebody who spoke once. */
const LOUDEST = 'lx';

export function stepOf(span: SeriesSpan): number {
  return RINGS[span].stepMs;
}

export interface Reported {
  readonly device: string;
  /** Wall time, ms. */
  readonly at: number;
  readonly measures: Measures;
}

interface Stretch {
  readonly _id: string;
  readonly device: string;
  readonly span: string;
  readonly start: number;
}

/** Writes series; one a process, since it remembers which stretches are laid out. */
export class SeriesWriter {
  /** Start by id. Forgotten with the process, which costs a write each after a restart. */
  readonly #laidOut = new Map<string, number>();

  /** Adds reports to all three rings, in two round trips however many there are. */
  async add(reports: readonly Reported[]): Promise<void> {
    if (reports.length === 0) return;
    const writes = reports.flatMap(({ device, at, measures }) =>
      SPANS.map(({ span, ring }) => {
        const start = Math.floor(at / ring.stretchMs) * ring.stretchMs;
        const _id = `${device}:${span}:${Math.floor(at / ring.stretchMs) % ring.places}`;
        const bucket = `buckets.${Math.floor((at - start) / ring.stepMs)}`;
        const loudest = span === 'year' ? measures.levelIn : undefined;
        const change = {
          $inc: increments(bucket, measures),
          ...(loudest !== undefined && { $max: { [`${bucket}.${LOUDEST}`]: loudest } }),
        };
        return { _id, device, span, start, change };
      }),
    );
    await this.#layOut(writes.filter(({ _id, start }) => this.#laidOut.get(_id) !== start));
    await attempt(() =>
      Series.bulkWrite(
        writes.map(({ _id, start, change }) => ({
          updateOne: { filter: { _id, start: new Date(start) }, update: change },
        })),
        { ordered: false },
      ),
    );
  }

  /** Empties places of the ring whose stretch is over, and makes those that are not there yet. */
  async #layOut(stretches: readonly Stretch[]): Promise<void> {
    if (stretches.length === 0) return;
    const distinct = [...new Map(stretches.map((stretch) => [stretch._id, stretch])).values()];
    const writes = distinct.map(({ _id, device, span, start }) => {
      const date = new Date(start);
      // A stretch that is there already does not fit the filter: the insert then meets its own id, and is refused.
      const filter = { _id, start: { $lt: date } };
      return {
        replaceOne: { filter, replacement: { _id, device, span, start: date, buckets: {} }, upsert: true },
      };
    });
    await unlessAllThere(() => Series.bulkWrite(writes, { ordered: false }));
    for (const { _id, start } of distinct) this.#laidOut.set(_id, start);
  }
}

function increments(bucket: string, measures: Measures): Record<string, number> {
  const change: Record<string, number> = { [`${bucket}.n`]: 1 };
  for (const measure of MEASURES) {
    const value = measures[measure];
    if (value === undefined) continue;
    change[`${bucket}.${KEYS[measure]}`] = value;
    change[`${bucket}.${KEYS[measure]}n`] = 1;
  }
  return change;
}

/** Oldest first; buckets without a report are not there. */
export async function readSeries(device: string, span: SeriesSpan, now: number): Promise<SeriesPoint[]> {
  const { stepMs, stretchMs, places } = RINGS[span];
  const oldest = now - (places - 1) * stretchMs;
  const rows = await attempt(() => Series.find({ device, span }).lean());
  const points = rows.flatMap(({ start, buckets }) =>
    Object.entries(buckets).map(([place, bucket]) =>
      pointOf(start.getTime() + Number(place) * stepMs, bucket),
    ),
  );
  return points.filter(({ at }) => at >= oldest).sort((a, b) => a.at - b.at);
}

function pointOf(at: number, bucket: Bucket): SeriesPoint {
  const means: Measures = Object.fromEntries(
    MEASURES.flatMap((measure) => {
      const count = bucket[`${KEYS[measure]}n`] ?? 0;
      const sum = bucket[KEYS[measure]] ?? 0;
      return count > 0 ? [[measure, Math.round((sum / count) * 1000) / 1000]] : [];
    }),
  );
  return { at, n: bucket.n ?? 0, ...means };
}

/** What a device's microphone brought in a while. */
export interface Voice {
  readonly device: string;
  /** dBov */
  readonly loudest: number;
  readonly reports: number;
  readonly days: number;
}

/** Of devices whose microphone was open since `since` (wall time, ms), to the hour. */
export async function voicesSince(since: number): Promise<Voice[]> {
  const { stepMs, stretchMs } = RINGS.year;
  const hour = { $add: ['$start', { $multiply: [{ $toInt: '$bucket.k' }, stepMs] }] };
  const rows: { _id: string; loudest: number; reports: number; days: string[] }[] = await attempt(() =>
    Series.aggregate([
      { $match: { span: 'year', start: { $gt: new Date(since - stretchMs) } } },
      { $project: { device: 1, start: 1, bucket: { $objectToArray: '$buckets' } } },
      { $unwind: '$bucket' },
      { $match: { [`bucket.v.${LOUDEST}`]: { $exists: true } } },
      { $addFields: { at: hour } },
      { $match: { at: { $gte: new Date(since) } } },
      {
        $group: {
          _id: '$device',
          loudest: { $max: `$bucket.v.${LOUDEST}` },
          reports: { $sum: `$bucket.v.${KEYS.levelIn}n` },
          days: { $addToSet: { $dateToString: { date: '$at', format: '%Y-%m-%d' } } },
        },
      },
    ]),
  );
  return rows.map(({ _id, days, ...voice }) => ({ ...voice, device: _id, days: days.length }));
}

/** How many documents a device takes. */
export async function countStretches(device: string): Promise<number> {
  return attempt(() => Series.countDocuments({ device }));
}
