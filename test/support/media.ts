import { createMediaNode, type MediaNode, type MediaNodeOptions } from '../../media/node.ts';
import type { MediaApi, MediaEvent } from '../../protocol/media.ts';
import { quietLog } from './log.ts';

/** A media node with real workers on free ports of the loopback address. */
export function startMediaNode(options: Partial<MediaNodeOptions> = {}): Promise<MediaNode> {
  return createMediaNode({ workers: 1, port: 0, listenIp: '127.0.0.1', log: quietLog, ...options });
}

/** The next event that `pick` makes something of. Rejects where it does not come in time. */
export function nextMediaEvent<T>(
  media: MediaApi,
  pick: (event: MediaEvent) => T | undefined,
  timeoutMs = 10_000,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      stop();
      reject(new Error(`no such media event in ${timeoutMs} ms`));
    }, timeoutMs);
    const stop = media.on((event) => {
      const picked = pick(event);
      if (picked === undefined) return;
      clearTimeout(timer);
      stop();
      resolve(picked);
    });
  });
}

/** For `nextMediaEvent`: levels, of somebody or of nobody. */
export function levels(audible: boolean) {
  return (event: MediaEvent) =>
    event.type === 'levels' && event.levels.length > 0 === audible ? event.levels : undefined;
}
