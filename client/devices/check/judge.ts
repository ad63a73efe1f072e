import type { CheckCode, CheckItem, CheckPart, Level } from '../../../protocol/devices.ts';

/*
 * What is good enough. Thresholds are of what a class can see and hear, with room below them so that a good classroom
 * is green every time.
 */

/** Luma, 0..255. A dark room with a window is about 25; a covered lens is below 10, and even all over. */
const BLACK_BRIGHTNESS = 14;
const BLACK_CONTRAST = 6;
/** Mean difference between pictures, in steps of luma: a sensor's own noise is 0.3 and more, a stuck one has none. */
const FROZEN_CHANGE = 0.02;
/** Variance of the Laplacian at 160 x 120: text on a wall gives hundreds, a lens out of focus below ten. */
const BLURRED_SHARPNESS = 4;

export interface CameraMeasures {
  readonly brightness: number;
  readonly contrast: number;
  readonly change: number;
  readonly sharpness: number;
}

export function judgeCamera(measures: CameraMeasures): CheckItem {
  const values = rounded({ ...measures });
  if (measures.brightness < BLACK_BRIGHTNESS && measures.contrast < BLACK_CONTRAST) {
    return item('camera', 'red', 'camera_black', values);
  }
  if (measures.change < FROZEN_CHANGE) return item('camera', 'red', 'camera_frozen', values);
  if (measures.sharpness < BLURRED_SHARPNESS) return item('camera', 'amber', 'camera_blurred', values);
  return item('camera', 'green', 'ok', values);
}

/** A microphone that is switched off gives digital silence; the quietest room with one that works is above this, dB. */
const SILENT_DB = -85;
/** The tone above the room's own noise at its pitch, dB. */
const HEARD_DB = 8;
const LOUD_ENOUGH_DB = 16;
/** Half a second between a teacher's lips and voice is odd; a whole one breaks a conversation. */
const LATE_MS = 500;
/** Until a tone is 20 dB softer: a classroom takes a fifth of a second, a bare hall more than half of one. */
const ECHOES_MS = 500;

export interface SoundMeasures {
  /** The room before the tone, dB below full scale. */
  readonly quietDb: number;
  /** The loudest of what the microphone gave at all. */
  readonly peakDb: number;
  /** The tone's pitch while it sounded, against before. */
  readonly gainDb: number;
  /** Until it was heard first; null: it was not. */
  readonly delayMs: number | null;
  /** How long it hung in the room after its end. */
  readonly echoMs: number;
}

export function judgeMicrophone({ quietDb, peakDb }: SoundMeasures): CheckItem {
  const values = rounded({ quietDb, peakDb });
  return peakDb < SILENT_DB
    ? item('microphone', 'red', 'microphone_silent', values)
    : item('microphone', 'green', 'ok', values);
}

export function judgeLoudspeaker({ peakDb, gainDb, delayMs, echoMs }: SoundMeasures): CheckItem {
  const values = rounded({ gainDb, ...(delayMs !== null && { delayMs, echoMs }) });
  // A deaf microphone says nothing about a loudspeaker; its own item says what to do.
  if (peakDb < SILENT_DB) return item('loudspeaker', 'grey', 'microphone_silent', values);
  if (gainDb < HEARD_DB || delayMs === null) return item('loudspeaker', 'red', 'loudspeaker_unheard', values);
  if (gainDb < LOUD_ENOUGH_DB) return item('loudspeaker', 'amber', 'loudspeaker_quiet', values);
  if (delayMs > LATE_MS) return item('loudspeaker', 'amber', 'loudspeaker_late', values);
  if (echoMs > ECHOES_MS) return item('loudspeaker', 'amber', 'room_echoes', values);
  return item('loudspeaker', 'green', 'ok', values);
}

/** A satellite's 600 ms is fair; above a second and a half sentences go missing. */
const LATE_LINK_MS = 1_500;
/** A lesson is teachable at 64 kbit/s; a picture of the teacher wants this much. */
const NARROW_KBPS = 64;
const SLOW_KBPS = 160;
/** As in the technician's list: above it sentences go missing. */
const LOSSY = 0.05;

/** While a lesson runs nothing is sent to measure by: what the link carries then, the lesson itself knows. */
export interface LinkMeasures {
  readonly roundTripMs: number;
  readonly downKbps?: number;
  readonly upKbps?: number;
  /** 0..1 */
  readonly loss?: number;
}

export function judgeLink(measures: LinkMeasures | null): CheckItem {
  if (!measures) return item('link', 'red', 'link_lost');
  const { loss = 0, downKbps = Number.POSITIVE_INFINITY } = measures;
  const values = rounded({ ...measures });
  // What is lost is sent again, and leaves little: that it is narrow then follows.
  if (loss > LOSSY) {
    return item('link', downKbps < NARROW_KBPS ? 'red' : 'amber', 'link_lossy', values);
  }
  if (downKbps < NARROW_KBPS) return item('link', 'red', 'link_slow', values);
  if (measures.roundTripMs > LATE_LINK_MS) return item('link', 'amber', 'link_late', values);
  if (downKbps < SLOW_KBPS) return item('link', 'amber', 'link_slow', values);
  return item('link', 'green', 'ok', values);
}

/** A lesson's own clock comes from the server; a wrong one here breaks certificates and the screen's "begins 9:00". */
const CLOCK_AMBER_MS = 60_000;
const CLOCK_RED_MS = 10 * 60_000;

export function judgeClock(offMs: number): CheckItem {
  const off = Math.abs(offMs);
  const level = off > CLOCK_RED_MS ? 'red' : off > CLOCK_AMBER_MS ? 'amber' : 'green';
  return item('clock', level, level === 'green' ? 'ok' : 'clock_wrong', { offMs: Math.round(offMs) });
}

/** What a day of lessons' pages and unsent strokes may need. */
const SPACE_AMBER_MB = 200;
const SPACE_RED_MB = 30;

export function judgeSpace(freeMb: number): CheckItem {
  const level = freeMb < SPACE_RED_MB ? 'red' : freeMb < SPACE_AMBER_MB ? 'amber' : 'green';
  return item('space', level, level === 'green' ? 'ok' : 'space_low', { freeMb: Math.round(freeMb) });
}

export function item(
  part: CheckPart,
  level: Level,
  code: CheckCode,
  values?: Record<string, number>,
): CheckItem {
  return { part, level, code, ...(values && { values }) };
}

function rounded(values: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, Math.round(value * 100) / 100]),
  );
}
