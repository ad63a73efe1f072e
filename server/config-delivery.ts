import type { BlockList } from 'node:net';
import { z } from 'zod';
import { networks } from './alerts/addresses.ts';
import type { SmtpOptions } from './alerts/mail.ts';

/** How people are told outside the pages. */
export interface DeliveryConfig {
  /** Absent: no e-mail is sent. */
  readonly smtp?: SmtpOptions;
  /** Networks that a webhook may reach although they are not public. */
  readonly webhookNetworks: BlockList;
}

/** Rows of the environment; a description completes "NAME must be …". */
export const deliveryVariables = {
  SMTP_HOST: z
    .string()
    .regex(/^[\w.:-]+$/)
    .optional()
    .describe('the name of a mail server'),
  SMTP_PORT: z.coerce.number().int().min(1).max(65_535).optional().describe('a port, 1 to 65535'),
  SMTP_SECURITY: z.enum(['tls', 'starttls', 'none']).optional().describe('tls, starttls or none'),
  SMTP_USER: z.string().optional().describe('a user name'),
  SMTP_PASSWORD: z.string().optional().describe('the password of that user'),
  SMTP_FROM: z
    .string()
    .regex(/^[^\r\n]*[^\s@]+@[^\s@]+[^\r\n]*$/)
    .optional()
    .describe('an e-mail address, such as "Tongke <tongke@example.cn>"'),
  WEBHOOK_NETWORKS: z
    .string()
    .transform((list) => list.split(',').map((entry) => entry.trim()))
    .refine((list) => isNetworks(list))
    .optional()
    .describe('networks with commas between them, such as "10.1.0.0/16"'),
};

export const DELIVERY_SECRETS = ['SMTP_PASSWORD'] as const;

type Variables = z.output<z.ZodObject<typeof deliveryVariables>>;

/** `missing` throws for a name that must be set as well. */
export function readDelivery(env: Variables, missing: (name: string) => never): DeliveryConfig {
  const webhookNetworks = networks(env.WEBHOOK_NETWORKS ?? []);
  if (env.SMTP_HOST === undefined) return { webhookNetworks };
  const security = env.SMTP_SECURITY ?? (env.SMTP_PORT === 465 ? 'tls' : 'starttls');
  return {
    webhookNetworks,
    smtp: {
      ...{ host: env.SMTP_HOST, port: env.SMTP_PORT ?? (security === 'tls' ? 465 : 587), security },
      ...{ user: env.SMTP_USER, password: env.SMTP_PASSWORD },
      from: env.SMTP_FROM ?? missing('SMTP_FROM'),
    },
  };
}

function isNetworks(list: readonly string[]): boolean {
  try {
    networks(list);
    return true;
  } catch {
    return false;
  }
}
