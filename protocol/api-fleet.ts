import { z } from 'zod';
import { Id } from './common.ts';
import { BulkKind } from './device-commands.ts';
import { RoomSettings } from './devices.ts';
import { route } from './route.ts';

/** A prefecture's rooms. One that is none of the caller's refuses the whole request. */
const RoomIds = z.array(Id).min(1).max(2_000);

/** The same for many rooms at once. */
export const fleetRoutes = {
  /** Of every screen in service of these rooms; those that are there are told a few a second. */
  'fleet.command': route({
    method: 'post',
    path: '/fleet/commands',
    may: 'room.list',
    input: z.object({ rooms: RoomIds, kind: BulkKind }),
    output: z.object({ devices: z.number().int(), away: z.number().int() }),
  }),
  'fleet.settings': route({
    method: 'post',
    path: '/fleet/settings',
    may: 'room.list',
    input: z.object({ rooms: RoomIds, settings: RoomSettings.partial() }),
    output: z.object({ rooms: z.number().int() }),
  }),
} as const;
