import { z } from 'zod';
import { Id, Localised, WallTime } from './common.ts';

/** What a technician can ask of a screen from afar. */
export const CommandKind = z.enum([
  'identify',
  'reload',
  'tone',
  'check',
  'choose', // another camera or microphone
  'screenshot', // of its own page, without the pictures of people
  'logs', // what the page has noted of late
]);
export type CommandKind = z.infer<typeof CommandKind>;

/** Which camera and microphone to use, by the ids that the device reported; null: whichever the browser takes. */
export const InputChoice = z.object({
  camera: z.string().max(200).nullable().optional(),
  microphone: z.string().max(200).nullable().optional(),
});
export type InputChoice = z.infer<typeof InputChoice>;

/** `choice` goes with `choose`. */
export const Order = z.object({ kind: CommandKind, choice: InputChoice.optional() });
export type Order = z.infer<typeof Order>;

/** What makes sense for many rooms at once. */
export const BulkKind = CommandKind.extract(['identify', 'reload', 'tone', 'check']);
export type BulkKind = z.infer<typeof BulkKind>;

/** `queued` until the device takes it; `expired` where it never came back in time. */
export const CommandState = z.enum(['queued', 'sent', 'done', 'failed', 'expired']);
export type CommandState = z.infer<typeof CommandState>;

export const Command = Order.extend({ id: Id });
export type Command = z.infer<typeof Command>;

/** What a command brought: a picture as base64url, or a text as it is. Kept for a week. */
export const CommandResult = z.object({
  type: z.enum(['image/webp', 'text/plain']),
  data: z.string().max(70_000),
});
export type CommandResult = z.infer<typeof CommandResult>;

export const CommandRecord = z.object({
  id: Id,
  kind: CommandKind,
  state: CommandState,
  at: WallTime,
  doneAt: WallTime.nullable(),
  by: Localised,
  /** A code or a few words of the device's own. */
  detail: z.string().optional(),
  hasResult: z.boolean(),
});
export type CommandRecord = z.infer<typeof CommandRecord>;
