import { z } from 'zod';
import { Alert, AlertSettings } from './alerts.ts';
import { WallTime } from './common.ts';
import { Nothing, route } from './route.ts';

const Delivery = z.enum(['sent', 'failed', 'off']);

/** What technicians are told unasked: in the pages, by e-mail, by webhook. */
export const alertRoutes = {
  /** Of every room one serves: the open ones, worst and newest first, then those of the last month. */
  'alert.list': route({
    method: 'get',
    path: '/alerts',
    may: 'room.list',
    input: Nothing,
    output: z.object({ now: WallTime, open: z.array(Alert), past: z.array(Alert) }),
  }),
  /** Someone sees to it: nobody else is told of it. */
  'alert.acknowledge': route({
    method: 'post',
    path: '/rooms/:room/alerts/:alert',
    may: 'room.manage',
    input: Nothing,
    output: Nothing,
  }),
  'alert.settings': route({
    method: 'get',
    path: '/alert-settings',
    may: 'alert.own',
    input: Nothing,
    output: z.object({
      settings: AlertSettings,
      /** What the webhook's signature is made with; null without a webhook. */
      secret: z.string().nullable(),
      /** Whether this server can send e-mail. */
      canMail: z.boolean(),
    }),
  }),
  'alert.configure': route({
    method: 'post',
    path: '/alert-settings',
    may: 'alert.own',
    input: AlertSettings,
    output: Nothing,
  }),
  /** Sends a word to the reader's own addresses, now. */
  'alert.test': route({
    method: 'post',
    path: '/alert-settings/test',
    may: 'alert.own',
    input: Nothing,
    output: z.object({ mail: Delivery, webhook: Delivery }),
  }),
} as const;
