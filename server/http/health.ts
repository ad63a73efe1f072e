import type { MediaApi } from '../../protocol/media.ts';
import { ping } from '../store/database.ts';

/** A probe that takes longer than this has failed: whoever asks (a load balancer, a supervisor) waits no longer. */
const PROBE_MS = 3_000;

/** What stands between now and teaching a lesson; empty when nothing does. */
export async function obstacles(media: MediaApi): Promise<string[]> {
  const probes: [string, () => Promise<void>][] = [
    ['database_unavailable', () => ping(PROBE_MS)],
    ['media_unavailable', () => probeMedia(media)],
  ];
  const results = await Promise.allSettled(probes.map(([, probe]) => within(PROBE_MS, probe())));
  return probes.flatMap(([reason], i) => (results[i]?.status === 'fulfilled' ? [] : reason));
}

/** A worker that makes a router can take a lesson; being a process that runs proves less. */
async function probeMedia(media: MediaApi): Promise<void> {
  const { router } = await media.createRouter();
  await media.closeRouter(router);
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer in ${ms} ms`)), ms);
  try {
    await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
