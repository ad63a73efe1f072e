import type { Command } from '../../protocol/device-commands.ts';
import type { DeviceNotice } from '../../protocol/device-requests.ts';
import type { DeviceEvent, DeviceFacts, DeviceReport, Measures } from '../../protocol/devices.ts';
import type { Log } from '../log.ts';
import { type Reported, SeriesWriter } from '../store/device-series.ts';
import { findDevice, recordArrival, recordSightings, type Sighting } from '../store/devices.ts';

/** Reports of many devices are written together. */
const FLUSH_MS = 10_000;

/** The way to a device that is there. */
export interface DeviceLine {
  tell(notice: DeviceNotice): void;
  /** Ends its connection at once. */
  end(): void;
}

export interface LiveDevice {
  readonly room: string;
  readonly online: boolean;
  readonly seenAt: number;
  readonly report: DeviceReport | null;
}

interface Known {
  room: string;
  lines: Set<DeviceLine>;
  seenAt: number;
  report: DeviceReport | null;
  saidGoodbye: boolean;
  dirty: boolean;
  /** How it stood when the present line came. */
  before: { readonly seenAt: number; readonly saidGoodbye: boolean } | null;
}

/** The devices of this process: who is there, what they last said, and how to reach them. */
export class Fleet {
  readonly #log: Log;
  readonly #series = new SeriesWriter();
  readonly #known = new Map<string, Known>();
  #reports: Reported[] = [];
  #flushing: Promise<void> = Promise.resolve();
  readonly #timer: NodeJS.Timeout;
  constructor(log: Log) {
    this.#log = log;
    this.#timer = setInterval(() => void this.flush(), FLUSH_MS).unref();
  }

  /** A device has connected; gives what to call when the line is gone. `goodbye`: it said that it would go. */
  connected(device: string, room: string, line: DeviceLine): (goodbye: boolean) => void {
    const known = this.#of(device, room);
    // A line that broke is noticed late: it may still stand when the device is back.
    const saidGoodbye = known.saidGoodbye && known.lines.size === 0;
    known.before = known.seenAt > 0 ? { seenAt: known.seenAt, saidGoodbye } : null;
    known.lines.add(line);
    this.#touch(known);
    return (goodbye) => {
      known.lines.delete(line);
      known.saidGoodbye = goodbye;
      this.#touch(known);
    };
  }

  /** Its first words. A page that is not the one heard last, after a heartbeat without goodbye, was cut off. */
  async greeted(device: string, { page, facts, openMs }: Greeting): Promise<void> {
    const kept = await findDevice(device);
    const now = Date.now();
    const before = this.#known.get(device)?.before ?? {
      seenAt: kept?.seenAt?.getTime() ?? now,
      saidGoodbye: kept?.saidGoodbye === true,
    };
    await recordArrival(device, {
      page,
      facts,
      upSince: new Date(now - openMs),
      event: before.saidGoodbye ? null : cutBetween(kept?.page, page, now - before.seenAt, now),
    });
  }

  /** It answered a ping. */
  heard(device: string): void {
    const known = this.#known.get(device);
    if (!known) return;
    known.seenAt = Date.now();
    known.dirty = true;
  }

  reported(device: string, report: DeviceReport): void {
    const known = this.#known.get(device);
    if (!known) return;
    // What did not change is left out; measures are of now or not at all.
    const { camera, microphone, inputs, freeMb, memoryMb, cpu } = { ...known.report, ...report };
    const measures = { ...measuresOf(report), freeMb, memoryMb, cpu };
    known.report = { ...measures, camera, microphone, inputs };
    this.#reports.push({ device, at: Date.now(), measures });
    this.#touch(known);
  }

  /** True where the device was there to hear it. */
  tell(device: string, notice: DeviceNotice): boolean {
    const lines = this.#known.get(device)?.lines;
    for (const line of lines ?? []) line.tell(notice);
    return lines !== undefined && lines.size > 0;
  }

  command(device: string, command: Command): boolean {
    return this.tell(device, { type: 'command', command });
  }

  /** Everyone's lessons in these rooms have changed. */
  agendaChanged(rooms: readonly string[]): void {
    const concerned = new Set(rooms);
    for (const [device, { room }] of this.#known) {
      if (concerned.has(room)) this.tell(device, { type: 'agenda' });
    }
  }

  /** Its key is no longer good: it is told, and put out at once. */
  revoke(device: string): void {
    this.tell(device, { type: 'revoked' });
    for (const line of [...(this.#known.get(device)?.lines ?? [])]) line.end();
  }

  live(device: string): LiveDevice | null {
    const known = this.#known.get(device);
    if (!known) return null;
    return { room: known.room, online: known.lines.size > 0, seenAt: known.seenAt, report: known.report };
  }

  count(): { known: number; online: number } {
    let online = 0;
    for (const { lines } of this.#known.values()) if (lines.size > 0) online += 1;
    return { known: this.#known.size, online };
  }

  /** Writes what has been heard since the last time. Failures are tried again with the next. */
  flush(): Promise<void> {
    this.#flushing = this.#flushing.then(() => this.#flush());
    return this.#flushing;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }

  async #flush(): Promise<void> {
    const sightings = new Map<string, Sighting>();
    for (const [device, known] of this.#known) {
      if (!known.dirty) continue;
      known.dirty = false;
      const { report, saidGoodbye } = known;
      sightings.set(device, { seenAt: new Date(known.seenAt), report: report ?? undefined, saidGoodbye });
    }
    const reports = this.#reports;
    this.#reports = [];
    try {
      await recordSightings(sightings);
      await this.#series.add(reports);
    } catch (error) {
      this.#log.warn({ err: error, reports: reports.length }, 'what devices reported was not written');
      for (const device of sightings.keys()) {
        const known = this.#known.get(device);
        if (known) known.dirty = true;
      }
    }
  }

  #of(device: string, room: string): Known {
    const known: Known = this.#known.get(device) ?? {
      ...{ room, lines: new Set(), seenAt: 0, report: null, saidGoodbye: false, dirty: false, before: null },
    };
    known.room = room;
    this.#known.set(device, known);
    return known;
  }

  #touch(known: Known): void {
    known.seenAt = Date.now();
    known.dirty = true;
  }
}

interface Greeting {
  readonly page: string;
  readonly facts: DeviceFacts;
  readonly openMs: number;
}

/** Shorter gaps are a link that changed or a server that restarted: no line in a history. */
const CUT_WORTH_TELLING_MS = 90_000;

function cutBetween(
  former: string | undefined,
  page: string,
  awayMs: number,
  at: number,
): DeviceEvent | null {
  if (former === undefined) return null;
  if (former !== page) return { at, kind: 'power_cut', awayMs };
  return awayMs > CUT_WORTH_TELLING_MS ? { at, kind: 'link_cut', awayMs } : null;
}

function measuresOf({ roundTripMs, loss, downKbps, upKbps, levelIn, levelOut, frames }: Measures): Measures {
  return { roundTripMs, loss, downKbps, upKbps, levelIn, levelOut, frames };
}
