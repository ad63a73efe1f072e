import { z } from 'zod';
import { CeilingKbps, Hours } from './ceilings.ts';
import { Id, Localised, WallTime } from './common.ts';
import { CommandRecord } from './device-commands.ts';
import { LinkChoice } from './link.ts';

/*
 * Rooms and their devices. A device is a browser with a key pair of its own, enrolled for one room; signed in, it is
 * that room's account and may do what the room may. It only ever calls out: what it is told comes over its own socket.
 */

/** A public key: P-256, as SubjectPublicKeyInfo (91 bytes), base64url. */
export const DeviceKey = z.string().regex(/^[\w-]{122}$/);
/** ECDSA with SHA-256 in the form of WebCrypto (IEEE P1363, 64 bytes), base64url. */
export const Signature = z.string().regex(/^[\w-]{86}$/);
/** Made by the server, good once and for a minute. */
export const Challenge = z.string().regex(/^[\w.-]{20,200}$/);

/** Proof that whoever asks holds the private key, made for this one request. */
export const KeyProof = z.object({ key: DeviceKey, challenge: Challenge, signature: Signature });
export type KeyProof = z.infer<typeof KeyProof>;

/** What a device signs. The purpose is in it, so that a proof for one thing is none for another. */
export function proofText(purpose: 'pair' | 'sign_in', key: string, challenge: string): string {
  return `tongke.device.${purpose}\n${key}\n${challenge}`;
}

/** Digits, since they are read out over a telephone in three languages; spaces and dashes are how people write them. */
export const PairingCode = z
  .string()
  .max(32)
  .transform((text) => text.normalize('NFKC').replace(/[\s-]/g, ''))
  .pipe(z.string().regex(/^\d{8}$/));

/** From worst to best; `grey`: nothing is known, and nothing is wrong with that just now. */
export const Level = z.enum(['red', 'amber', 'green', 'grey']);
export type Level = z.infer<typeof Level>;

export const CheckPart = z.enum(['camera', 'microphone', 'loudspeaker', 'screen', 'link', 'clock', 'space']);
export type CheckPart = z.infer<typeof CheckPart>;

/** What a check found; each has the one sentence of what to do in the catalogues, under `check.<code>`. */
export const CheckCode = z.enum([
  'ok',
  'camera_missing',
  'camera_refused',
  'camera_busy',
  'camera_black',
  'camera_frozen',
  'camera_blurred',
  'microphone_missing',
  'microphone_refused',
  'microphone_busy',
  'microphone_silent',
  'loudspeaker_unheard',
  'loudspeaker_quiet',
  'loudspeaker_late',
  'lesson_running',
  'room_echoes',
  'sound_blocked',
  'screen_hidden',
  'link_lost',
  'link_late',
  'link_slow',
  'link_lossy',
  'clock_wrong',
  'space_low',
  'device_failed',
]);
export type CheckCode = z.infer<typeof CheckCode>;

export const CheckItem = z.object({
  part: CheckPart,
  level: Level,
  code: CheckCode,
  /** What was measured, by name: `brightness`, `contrast`, `levelDb`, `delayMs`, `roundTripMs`, `downKbps`, … */
  values: z.record(z.string().max(20), z.number()).optional(),
});
export type CheckItem = z.infer<typeof CheckItem>;

export const CheckTrigger = z.enum(['before_lesson', 'asked', 'here']);

export const CheckReport = z.object({
  trigger: CheckTrigger,
  items: z.array(CheckItem).min(1).max(CheckPart.options.length),
});
export type CheckReport = z.infer<typeof CheckReport>;

/** A check as it is kept; the time is the server's, since the device's clock is one of the things checked. */
export const Check = CheckReport.extend({ at: WallTime, level: Level });
export type Check = z.infer<typeof Check>;

/** Worst first: the order of `Level`. */
export function worst(levels: readonly Level[]): Level {
  return Level.options.find((level) => levels.includes(level)) ?? 'grey';
}

export const InputState = z.enum(['ok', 'missing', 'refused', 'busy', 'failed', 'unknown']);
export type InputState = z.infer<typeof InputState>;

/** What is measured over time. All optional: an idle device hears nothing and loses nothing. */
export const Measures = z.object({
  roundTripMs: z.number().min(0).max(600_000).optional(),
  /** 0..1 */
  loss: z.number().min(0).max(1).optional(),
  downKbps: z.number().min(0).max(10_000_000).optional(),
  upKbps: z.number().min(0).max(10_000_000).optional(),
  /** Voice heard in the room and played into it, dB below full scale (-100..0). */
  levelIn: z.number().min(-100).max(0).optional(),
  levelOut: z.number().min(-100).max(0).optional(),
  /** Pictures a second that were shown, of the best picture. */
  frames: z.number().min(0).max(1000).optional(),
  /** How busy the browser says its processor is, 0..1. */
  cpu: z.number().min(0).max(1).optional(),
  memoryMb: z.number().min(0).optional(),
  /** What the browser would still store. */
  freeMb: z.number().min(0).optional(),
});
export type Measures = z.infer<typeof Measures>;
export const MEASURES = [
  ...(['roundTripMs', 'loss', 'downKbps', 'upKbps', 'levelIn', 'levelOut'] as const),
  ...(['frames', 'cpu', 'memoryMb', 'freeMb'] as const),
] as const;
export type Measure = (typeof MEASURES)[number];

const Input = z.object({ id: z.string().max(200), label: z.string().max(200) });

/** The cameras and microphones there are, and which of them was chosen; the others are the browser's choice. */
export const Inputs = z.object({
  cameras: z.array(Input).max(16),
  microphones: z.array(Input).max(16),
  camera: z.string().max(200).optional(),
  microphone: z.string().max(200).optional(),
});
export type Inputs = z.infer<typeof Inputs>;

/** Sent every five minutes at rest and every minute in a lesson; what did not change is left out. */
export const DeviceReport = Measures.extend({
  camera: InputState.optional(),
  microphone: InputState.optional(),
  inputs: Inputs.optional(),
});
export type DeviceReport = z.infer<typeof DeviceReport>;

/** What a browser knows of the machine it runs on. */
export const DeviceFacts = z.object({
  /** The protocol's version and the build of the pages. */
  version: z.string().max(40),
  agent: z.string().max(300),
  cores: z.number().int().min(0).max(1024).optional(),
  memoryGb: z.number().min(0).max(4096).optional(),
  screen: z.string().max(20).optional(),
});
export type DeviceFacts = z.infer<typeof DeviceFacts>;

/**
 * `ceilingKbps` null: none; `ceilingHours` absent or null: at all times. Volume 0..1. `allowed`: the most that the room
 * may be given of a lesson, whatever its link carries; absent: all.
 */
export const RoomSettings = z.object({
  ceilingKbps: CeilingKbps.nullable(),
  ceilingHours: Hours.nullable().optional(),
  volume: z.number().min(0).max(1),
  allowed: LinkChoice.optional(),
});
export type RoomSettings = z.infer<typeof RoomSettings>;

/** Why a room stands where it does in the technician's list; a sentence each under `room.reason.<code>`. */
export const RoomReason = z.enum([
  'offline_lesson',
  'offline',
  'check_red',
  'input_trouble',
  'link_poor',
  'check_amber',
  'in_lesson',
  'fine',
  'resting',
  'no_device',
]);
export type RoomReason = z.infer<typeof RoomReason>;

export const RoomSummary = z.object({
  id: Id,
  name: Localised,
  school: z.object({ id: Id, name: Localised }),
  level: Level,
  reason: RoomReason,
  online: z.boolean(),
  /** When a device of the room was last heard; null: never. */
  seenAt: WallTime.nullable(),
  roundTripMs: z.number().nullable(),
  checkedAt: WallTime.nullable(),
  next: z.object({ lesson: Id, title: Localised, startsAt: WallTime, live: z.boolean() }).nullable(),
});
export type RoomSummary = z.infer<typeof RoomSummary>;

/** What happened to a device and is worth a line in its history. */
export const DeviceEvent = z.object({
  at: WallTime,
  kind: z.enum(['enrolled', 'replaced', 'revoked', 'power_cut', 'link_cut']),
  /** How long it was away. */
  awayMs: z.number().optional(),
});
export type DeviceEvent = z.infer<typeof DeviceEvent>;

export const DeviceDetail = z.object({
  id: Id,
  state: z.enum(['active', 'revoked']),
  online: z.boolean(),
  seenAt: WallTime.nullable(),
  /** Since when its page has been open without a break, while it is online. */
  upSince: WallTime.nullable(),
  enrolledAt: WallTime,
  facts: DeviceFacts.nullable(),
  report: DeviceReport.nullable(),
  events: z.array(DeviceEvent),
  commands: z.array(CommandRecord),
  checks: z.array(Check),
});
export type DeviceDetail = z.infer<typeof DeviceDetail>;

export const RoomDetail = RoomSummary.extend({
  notes: z.string(),
  settings: RoomSettings,
  devices: z.array(DeviceDetail),
});
export type RoomDetail = z.infer<typeof RoomDetail>;

export const SeriesSpan = z.enum(['day', 'month', 'year']);
export type SeriesSpan = z.infer<typeof SeriesSpan>;

/** One bucket: means of what was measured in it; `n` reports went into it. */
export const SeriesPoint = Measures.extend({ at: WallTime, n: z.number().int() });
export type SeriesPoint = z.infer<typeof SeriesPoint>;

/** What tells screens apart at a glance, in the room and on the technician's page: a number from 10 to 99. */
export function deviceNumber(id: string): number {
  let sum = 0;
  for (let i = 0; i < id.length; i++) sum = (sum * 31 + id.charCodeAt(i)) % 9973;
  return 10 + (sum % 90);
}
