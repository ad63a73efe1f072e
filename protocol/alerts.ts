import { z } from 'zod';
import { Id, Localised, WallTime } from './common.ts';
import { Level } from './devices.ts';

/** What a technician is told of unasked; a sentence each under `alerts.kind.<kind>`. */
export const AlertKind = z.enum([
  'offline_lesson', // away, and a lesson runs or is near
  'offline', // away, with a lesson today
  'check_red',
  'input_trouble', // camera or microphone gone, refused or taken by another program
  'link_poor',
  'power_cuts', // three in a day
  'link_cuts', // five in a day, each longer than a minute and a half
  'microphone_quiet', // on stage on two days of a week and more, and never louder than a whisper
  'space_low',
  'update_failed', // a screen did not come back with a new build, or is worse with it
]);
export type AlertKind = z.infer<typeof AlertKind>;

export const Alert = z.object({
  id: Id,
  kind: AlertKind,
  level: Level,
  room: z.object({ id: Id, name: Localised }),
  school: z.object({ id: Id, name: Localised }),
  /** Since when it is so; opened once that had lasted. */
  since: WallTime,
  openedAt: WallTime,
  /** Null while it is still so. */
  clearedAt: WallTime.nullable(),
  acknowledged: z.object({ by: Localised, at: WallTime }).nullable(),
});
export type Alert = z.infer<typeof Alert>;

/** Minutes after midnight, local time of the server. */
const Minute = z.number().int().min(0).max(1439);

/** From `from` until before `until`, over midnight where that is later. */
export const QuietHours = z.object({ from: Minute, until: Minute });
export type QuietHours = z.infer<typeof QuietHours>;

/** Where one person is told, and when not. */
export const AlertSettings = z.object({
  mail: z.array(z.email().max(200)).max(5),
  webhook: z
    .url({ protocol: /^https?$/ })
    .max(500)
    .nullable(),
  /** What comes up meanwhile is told afterwards, if it is still so. */
  quiet: QuietHours.nullable(),
  /** `red`: only what cannot wait. */
  least: z.enum(['red', 'amber']),
});
export type AlertSettings = z.infer<typeof AlertSettings>;

export const NO_ALERT_SETTINGS: AlertSettings = { mail: [], webhook: null, quiet: null, least: 'amber' };

/** Whether `minute` of a day lies in the quiet hours, and for how many minutes more; 0: it does not. */
export function quietFor(quiet: QuietHours | null, minute: number): number {
  if (!quiet || quiet.from === quiet.until) return 0;
  const DAY = 1440;
  const length = (quiet.until - quiet.from + DAY) % DAY;
  const into = (minute - quiet.from + DAY) % DAY;
  return into < length ? length - into : 0;
}

/** What a webhook is sent, as JSON. */
export const WebhookBody = z.object({
  type: z.enum(['alerts', 'test']),
  sentAt: WallTime,
  alerts: z.array(
    z.object({
      change: z.enum(['opened', 'cleared']),
      alert: Alert,
      /** The room's page, where the server knows its own address. */
      url: z.string().optional(),
    }),
  ),
});
export type WebhookBody = z.infer<typeof WebhookBody>;

/** `t=MILLISECONDS,v1=HEX`: HMAC-SHA256 of `MILLISECONDS.BODY` under the webhook's secret. */
export const WEBHOOK_SIGNATURE = 'tongke-signature';
