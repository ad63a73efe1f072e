import { z } from 'zod';
import { Id, WallTime } from './common.ts';
import { Command, CommandResult } from './device-commands.ts';
import { CheckReport, DeviceFacts, DeviceReport, RoomSettings } from './devices.ts';
import { BuildId } from './updates.ts';

interface DeviceRequestSpec<I extends z.ZodType, O extends z.ZodType> {
  readonly input: I;
  readonly output: O;
}

const row = <const S extends DeviceRequestSpec<z.ZodType, z.ZodType>>(spec: S): S => spec;
const Nothing = z.object({});

/** What a device may ask over its own socket; asked by an enrolled device and nobody else (`device.act`). */
export const deviceRequests = {
  /** First on every connection. `page` names this opening of the page: another one means that it was gone. */
  'device.hello': row({
    input: z.object({ page: Id, facts: DeviceFacts, openMs: z.number().min(0) }),
    output: z.object({
      now: WallTime,
      settings: RoomSettings,
      /** Changes whenever the room's lessons do: then `lesson.list` is worth asking for. */
      agenda: z.string(),
      commands: z.array(Command),
      /** Which build of the pages it should run; null: whichever it has. */
      build: BuildId.nullable(),
    }),
  }),
  'device.report': row({
    input: DeviceReport,
    output: z.object({ now: WallTime, agenda: z.string() }),
  }),
  'device.check': row({ input: CheckReport, output: Nothing }),
  'device.done': row({
    input: z.object({
      command: Id,
      ok: z.boolean(),
      detail: z.string().max(200).optional(),
      result: CommandResult.optional(),
    }),
    output: Nothing,
  }),
  /** Measures the link: `fill` up, `bytes` down. */
  'device.probe': row({
    input: z.object({ bytes: z.number().int().min(0).max(65_536), fill: z.string().max(65_536).optional() }),
    output: z.object({ now: WallTime, fill: z.string() }),
  }),
} as const;

export type DeviceRequestName = keyof typeof deviceRequests;
export type DeviceInput<N extends DeviceRequestName> = z.output<(typeof deviceRequests)[N]['input']>;
export type DeviceOutput<N extends DeviceRequestName> = z.output<(typeof deviceRequests)[N]['output']>;

export function isDeviceRequestName(name: string): name is DeviceRequestName {
  return Object.hasOwn(deviceRequests, name);
}

/** What the server tells a device unasked. */
export const DeviceNotice = z.discriminatedUnion('type', [
  z.object({ type: z.literal('command'), command: Command }),
  z.object({ type: z.literal('settings'), settings: RoomSettings }),
  /** The room's lessons have changed. */
  z.object({ type: z.literal('agenda') }),
  /** Another build of the pages: fetched now, opened when no lesson runs. */
  z.object({ type: z.literal('build'), build: BuildId }),
  /** The key is no longer good: forget it. */
  z.object({ type: z.literal('revoked') }),
]);
export type DeviceNotice = z.infer<typeof DeviceNotice>;

/** Where devices have their socket: apart from people's, since an idle screen on a metered link is pinged seldom. */
export const DEVICE_SOCKET_PATH = '/device.io';

export interface DeviceToServer {
  request: (envelope: unknown, answer: (value: unknown) => void) => void;
}
export interface ServerToDevice {
  notice: (notice: DeviceNotice) => void;
}
