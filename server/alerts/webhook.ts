import { createHmac } from 'node:crypto';
import { request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';
import { type BlockList, isIP } from 'node:net';
import { WEBHOOK_SIGNATURE, type WebhookBody } from '../../protocol/alerts.ts';
import { publicAddress } from './addresses.ts';

const TIMEOUT_MS = 10_000;

/**
 * Posts once, follows no redirect (it could lead to where a webhook may not go) and reads no answer but its status.
 * Rejects with `AddressRefused`, or with what went wrong.
 */
export async function postWebhook(
  { url, secret }: { url: string; secret: string },
  content: WebhookBody,
  allowed: BlockList,
): Promise<void> {
  const target = new URL(url);
  const address = await publicAddress(target.hostname, allowed);
  const body = JSON.stringify(content);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const send = target.protocol === 'https:' ? overHttps : overHttp;
  const outgoing = send(
    target,
    {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'user-agent': 'tongke',
        [WEBHOOK_SIGNATURE]: signature(secret, body, Date.now()),
      },
      // The address that was checked, whatever the name answers by now; the name stays in Host and in TLS.
      lookup: (_host, options, done) => {
        const family = isIP(address);
        if (options.all) done(null, [{ address, family }]);
        else done(null, address, family);
      },
      agent: false,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    },
    (response) => {
      const { statusCode = 0 } = response;
      response.destroy();
      if (statusCode >= 200 && statusCode < 300) resolve();
      else reject(new Error(`the webhook answered ${statusCode}`));
    },
  );
  outgoing.on('error', reject);
  outgoing.end(body);
  return promise;
}

export function signature(secret: string, body: string, at: number): string {
  return `t=${at},v1=${createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')}`;
}
