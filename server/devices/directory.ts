import type { RouteInput, RouteOutput } from '../../protocol/api.ts';
import type { Localised } from '../../protocol/common.ts';
import type { Check, DeviceEvent, DeviceReport, RoomSummary } from '../../protocol/devices.ts';
import type { Log } from '../log.ts';
import { allDevicesBriefly } from '../store/devices.ts';
import { allRooms, allSchools, lessonsOfRooms, type RoomLesson } from '../store/rooms.ts';
import type { Fleet } from './fleet.ts';
import { bySoonest, byUrgency, healthOf, type RoomFacts } from './health.ts';
import { QuietVoices } from './quiet-voices.ts';

/** What the database says may be this old in a list; what devices say is always of now. */
const FRESH_MS = 10_000;
/** Older than this it is waited for, rather than shown while it is read anew. */
const STALE_MS = 30_000;
/** How far a list looks ahead for a room's next lesson, and back for one that is late to begin. */
const AHEAD_MS = 7 * 24 * 3_600_000;
const LATE_MS = 40 * 60_000;
const DAY_MS = 24 * 3_600_000;

interface KnownDevice {
  readonly id: string;
  readonly seenAt: number | null;
  readonly report: DeviceReport | null;
  check: Pick<Check, 'at' | 'level'> | null;
  /** When it lost power and its link, of late. */
  readonly cuts: readonly number[];
  readonly linkCuts: readonly number[];
}

/** A room, with what is judged of it. */
export interface KnownRoom {
  readonly id: string;
  readonly name: Localised;
  readonly school: { readonly id: string; readonly name: Localised };
  readonly facts: RoomFacts;
}

interface Snapshot {
  readonly at: number;
  readonly rooms: readonly { readonly id: string; readonly name: Localised; readonly school: string }[];
  readonly schools: ReadonlyMap<string, Localised>;
  readonly devices: ReadonlyMap<string, readonly KnownDevice[]>;
  readonly next: ReadonlyMap<string, RoomLesson>;
}

type Query = RouteInput<'room.list'>;

/** Every room of the county with its state, in memory: the technician's list is asked for often, and changes little. */
export class Directory {
  readonly #fleet: Fleet;
  readonly #log: Log;
  /** Rooms in which a new build of the pages failed. */
  updatesFailed: ReadonlySet<string> = new Set();
  readonly #quiet = new QuietVoices();
  #snapshot: Snapshot | null = null;
  #reading: Promise<Snapshot> | null = null;

  constructor(fleet: Fleet, log: Log) {
    this.#fleet = fleet;
    this.#log = log;
  }

  /** What the database holds has been changed by us: the next list reads it anew. */
  changed(): void {
    this.#snapshot = null;
    this.#reading = null;
  }

  /** A device was checked: known at once, without reading anything anew, since before a lesson all of them are. */
  checked(room: string, device: string, { at, level }: Check): void {
    const known = this.#snapshot?.devices.get(room)?.find(({ id }) => id === device);
    if (known) known.check = { at, level };
  }

  async list(schools: readonly string[], query: Query): Promise<Omit<RouteOutput<'room.list'>, 'now'>> {
    const snapshot = await this.#current();
    const served = new Set(schools);
    const found = this.#summaries(snapshot, served, query);
    const counts = { red: 0, amber: 0, green: 0, grey: 0 };
    for (const { level } of found) counts[level] += 1;
    const { level, from, limit, order } = query;
    const shown = level === undefined ? found : found.filter((room) => room.level === level);
    return {
      rooms: shown.sort(order === 'lesson' ? bySoonest : byUrgency).slice(from, from + limit),
      counts,
      schools: [...snapshot.schools].filter(([id]) => served.has(id)).map(([id, name]) => ({ id, name })),
    };
  }

  async summary(room: string): Promise<RoomSummary | null> {
    const snapshot = await this.#current();
    const found = snapshot.rooms.find(({ id }) => id === room);
    return found ? this.#summarise(snapshot, found, Date.now()) : null;
  }

  /** Rooms by level, for all schools together. */
  async counts(): Promise<Record<string, number>> {
    const snapshot = await this.#current();
    return (await this.list([...snapshot.schools.keys()], { from: 0, limit: 1, order: 'worst' })).counts;
  }

  /** Every room of every school. */
  async everyRoom(now: number): Promise<KnownRoom[]> {
    const [snapshot, quiet] = await Promise.all([this.#current(), this.#quiet.devices(now)]);
    return snapshot.rooms.map((room) => {
      const { id, name } = room;
      const quietAllWeek = snapshot.devices.get(id)?.some((device) => quiet.has(device.id)) === true;
      const facts = { ...this.#judge(snapshot, id, now).facts, quietAllWeek };
      return { id, name, school: schoolOf(snapshot, room), facts };
    });
  }

  /** A word that changes when the room's lessons do. */
  async agenda(room: string): Promise<string> {
    const next = (await this.#current()).next.get(room);
    return next ? `${next.id}:${next.startsAt}:${next.live ? 1 : 0}` : '';
  }

  #summaries(snapshot: Snapshot, served: ReadonlySet<string>, { school, search }: Query): RoomSummary[] {
    const now = Date.now();
    const wanted = search?.trim().toLowerCase();
    const found: RoomSummary[] = [];
    for (const room of snapshot.rooms) {
      if (!served.has(room.school) || (school !== undefined && room.school !== school)) continue;
      const schoolName = snapshot.schools.get(room.school);
      if (wanted && ![room.name, schoolName].some((name) => name && holds(name, wanted))) continue;
      found.push(this.#summarise(snapshot, room, now));
    }
    return found;
  }

  #summarise(snapshot: Snapshot, room: Snapshot['rooms'][number], now: number): RoomSummary {
    const { facts, seenAt } = this.#judge(snapshot, room.id, now);
    const { online, report, check } = facts;
    const lesson = snapshot.next.get(room.id);
    return {
      id: room.id,
      name: room.name,
      school: schoolOf(snapshot, room),
      ...healthOf(facts, now),
      online,
      seenAt,
      roundTripMs: online ? (report?.roundTripMs ?? null) : null,
      checkedAt: check?.at ?? null,
      next: lesson
        ? { lesson: lesson.id, title: lesson.title, startsAt: lesson.startsAt, live: lesson.live }
        : null,
    };
  }

  #judge(snapshot: Snapshot, room: string, now: number): { facts: RoomFacts; seenAt: number | null } {
    const devices = (snapshot.devices.get(room) ?? []).map((device) => {
      const live = this.#fleet.live(device.id);
      return {
        online: live?.online === true,
        seenAt: Math.max(live?.seenAt ?? 0, device.seenAt ?? 0),
        report: live?.report ?? device.report,
        check: device.check,
      };
    });
    // A second screen that is off does not make a room ill: the best one speaks for it.
    const best = devices.sort((a, b) => Number(b.online) - Number(a.online) || b.seenAt - a.seenAt)[0];
    const today = (times: readonly number[]) => times.filter((at) => now - at < DAY_MS).length;
    const known = snapshot.devices.get(room) ?? [];
    const facts = {
      hasDevice: best !== undefined,
      online: best?.online === true,
      report: best?.report ?? null,
      check: best?.check ?? null,
      next: snapshot.next.get(room) ?? null,
      cutsToday: today(known.flatMap(({ cuts }) => cuts)),
      linkCutsToday: today(known.flatMap(({ linkCuts }) => linkCuts)),
      quietAllWeek: false, // no part of the list: see everyRoom()
      updateFailed: this.updatesFailed.has(room),
    };
    return { facts, seenAt: best && best.seenAt > 0 ? best.seenAt : null };
  }

  async #current(): Promise<Snapshot> {
    const age = this.#snapshot ? Date.now() - this.#snapshot.at : Number.POSITIVE_INFINITY;
    if (this.#snapshot && age < FRESH_MS) return this.#snapshot;
    const reading = this.#read();
    if (!this.#snapshot || age > STALE_MS) return reading;
    reading.catch((error: unknown) => this.#log.warn({ err: error }, 'the list of rooms was not read anew'));
    return this.#snapshot;
  }

  /** One reading at a time, however many ask. */
  #read(): Promise<Snapshot> {
    if (this.#reading) return this.#reading;
    const reading = read();
    this.#reading = reading;
    const done = (snapshot: Snapshot | null) => {
      if (this.#reading !== reading) return; // changed() meanwhile: this one may not know of it
      this.#reading = null;
      if (snapshot) this.#snapshot = snapshot;
    };
    reading.then(done, () => done(null));
    return reading;
  }
}

async function read(): Promise<Snapshot> {
  const at = Date.now();
  const [rooms, schools, devices, lessons] = await Promise.all([
    allRooms(),
    allSchools(),
    allDevicesBriefly(),
    lessonsOfRooms(new Date(at - LATE_MS), new Date(at + AHEAD_MS)),
  ]);
  const byRoom = Map.groupBy(devices, ({ room }) => room);
  const next = new Map<string, RoomLesson>();
  // Live lessons before those to come, and sooner before later.
  for (const lesson of [...lessons].sort(
    (a, b) => Number(b.live) - Number(a.live) || a.startsAt - b.startsAt,
  )) {
    for (const room of lesson.rooms) if (!next.has(room)) next.set(room, lesson);
  }
  return {
    at,
    rooms,
    schools: new Map(schools.map(({ id, name }) => [id, name])),
    devices: new Map(
      [...byRoom].map(([room, list]) => [
        room,
        list.map(({ id, seenAt, report, lastCheck, events }) => ({
          ...{ id, seenAt: seenAt?.getTime() ?? null, report: report ?? null, check: lastCheck ?? null },
          cuts: timesOf(events, 'power_cut'),
          linkCuts: timesOf(events, 'link_cut'),
        })),
      ]),
    ),
    next,
  };
}

function timesOf(events: readonly DeviceEvent[], wanted: DeviceEvent['kind']): number[] {
  return events.filter(({ kind }) => kind === wanted).map(({ at }) => at);
}

function schoolOf({ schools }: Snapshot, { school }: Snapshot['rooms'][number]): KnownRoom['school'] {
  return { id: school, name: schools.get(school) ?? { 'zh-CN': '—' } };
}

function holds(name: Localised, wanted: string): boolean {
  return Object.values(name).some((text) => text?.toLowerCase().includes(wanted));
}
