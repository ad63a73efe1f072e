import { z } from 'zod';
import { HIGHEST, isAtLeast, type LinkChoice } from '../../protocol/link.ts';
import { Listeners } from '../listeners.ts';
import { remember, remembered } from '../ui/remember.ts';
import { type Traffic, totalOf } from './data-use.ts';

/** `metered` null: as the browser says. `limitMb`: what a day may cost before pictures go off; null: no limit. */
const Metering = z.object({
  metered: z.boolean().nullable().default(null),
  limitMb: z.number().positive().nullable().default(null),
});
export type Metering = z.infer<typeof Metering>;

const KEY = 'metering';
const MEGABYTE = 1_000_000;
/** Less than this is not worth a question, bytes: a voice for a quarter of an hour. */
const LARGE = 5 * MEGABYTE;
/** What is proposed for a day, MB: from voice and board all day to a lesson or two with pictures. */
export const LIMITS_MB = [50, 100, 200, 500, 1_000] as const;

const listeners = new Listeners();
let known: Metering | null = null;

/** What was chosen on this device; the same object until it changes. */
export function metering(): Metering {
  known ??= read();
  return known;
}

export function setMetering(patch: Partial<Metering>): void {
  known = { ...metering(), ...patch };
  remember(KEY, JSON.stringify(known));
  listeners.tell();
}

export const onMetering = listeners.add;

function read(): Metering {
  try {
    return Metering.parse(JSON.parse(remembered(KEY) ?? '{}'));
  } catch {
    return { metered: null, limitMb: null };
  }
}

const Navigator = z.object({ connection: z.object({ saveData: z.boolean() }) });

/** Whether the system asks pages to save data: not every browser says. */
export function systemSaves(of: unknown = globalThis.navigator): boolean {
  return Navigator.safeParse(of).data?.connection.saveData ?? false;
}

export function isMetered({ metered }: Metering, saves = systemSaves()): boolean {
  return metered ?? saves;
}

export function isOver({ metered, limitMb }: Metering, today: Traffic, saves = systemSaves()): boolean {
  return (metered ?? saves) && limitMb !== null && totalOf(today) >= limitMb * MEGABYTE;
}

/** Whether so many bytes are asked for before they are fetched. */
export function isAsked(bytes: number): boolean {
  return isMetered(metering()) && bytes >= LARGE;
}

/** What somebody on such a link is to be spared, where it is more than they chose; null: nothing to change. */
export function sparingFor(chosen: LinkChoice, metered: boolean, over: boolean): LinkChoice | null {
  const wanted: LinkChoice = over ? 'no_picture' : metered ? 'save' : 'all';
  return isAtLeast(HIGHEST[wanted], HIGHEST[chosen]) ? null : wanted;
}
