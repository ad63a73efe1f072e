import type { CheckCode, CheckItem, CheckPart } from '../../../protocol/devices.ts';

import type { DeviceAgent } from '../agent.ts';
import { measureCamera } from './camera.ts';
import {
  item,
  judgeCamera,
  judgeClock,
  judgeLink,
  judgeLoudspeaker,
  judgeMicrophone,
  judgeSpace,
  type LinkMeasures,
} from './judge.ts';
import { measureLink } from './link.ts';
import { measureSound, SoundBlocked } from './sound.ts';

export interface CheckSurroundings {
  /** How the link is measured, and nobody's lesson hurt by it. */
  readonly agent: Pick<DeviceAgent, 'ask'>;
  readonly inLesson: boolean;
  /** 0..1 */
  readonly volume: number;
}

export interface CheckResult {
  readonly items: CheckItem[];
  readonly link: LinkMeasures | null;
}

/** Checks everything there is to check, in some ten seconds. What fails is an item, never an exception. */
export async function runCheck({ agent, inLesson, volume }: CheckSurroundings): Promise<CheckResult> {
  // The link first and alone; camera and sound use none of it.
  const measured = await measureLink(agent, inLesson).catch((error: unknown) => {
    console.warn('The link could not be measured:', error);
    return null;
  });
  const [camera, sound] = await Promise.all([checkCamera(), checkSound(inLesson ? null : volume)]);
  const items = [camera, ...sound, checkScreen(), judgeLink(measured?.link ?? null)];
  if (measured) items.push(judgeClock(measured.clockOffMs));
  const freeMb = await freeSpace();
  if (freeMb !== null) items.push(judgeSpace(freeMb));
  return { items, link: measured?.link ?? null };
}

async function checkCamera(): Promise<CheckItem> {
  try {
    return judgeCamera(await measureCamera());
  } catch (error) {
    return trouble('camera', error);
  }
}

/** `volume` null: a lesson runs, and nobody wants to hear a tone. */
async function checkSound(volume: number | null): Promise<CheckItem[]> {
  try {
    const measures = await measureSound(volume);
    const loudspeaker =
      volume === null ? item('loudspeaker', 'grey', 'lesson_running') : judgeLoudspeaker(measures);
    return [judgeMicrophone(measures), loudspeaker];
  } catch (error) {
    if (error instanceof SoundBlocked) return [item('loudspeaker', 'red', 'sound_blocked')];
    return [trouble('microphone', error)];
  }
}

function checkScreen(): CheckItem {
  const shown = document.visibilityState === 'visible';
  const values = { width: innerWidth, height: innerHeight };
  return item('screen', shown ? 'green' : 'amber', shown ? 'ok' : 'screen_hidden', values);
}

function trouble(part: CheckPart, error: unknown): CheckItem {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  return item(part, 'red', isCheckCode(code) ? code : 'device_failed');
}

/** Of the ways in which a device can fail to open (`DeviceProblem`), those that a check has a sentence for. */
const OPENING_TROUBLES = [
  'camera_missing',
  'camera_refused',
  'camera_busy',
  'microphone_missing',
  'microphone_refused',
  'microphone_busy',
] as const satisfies readonly CheckCode[];

function isCheckCode(code: string): code is CheckCode {
  return OPENING_TROUBLES.some((known) => known === code);
}

/** What the browser would still store, MB; null where it does not say. */
export async function freeSpace(): Promise<number | null> {
  const { quota, usage } = (await navigator.storage?.estimate()) ?? {};
  // In steps of 100 MB: the browser's estimate moves with every page, and each change is told.
  return quota === undefined ? null : Math.round((quota - (usage ?? 0)) / 1e8) * 100;
}
