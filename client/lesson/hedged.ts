import { isForeign } from './answer.ts';

export interface HedgedOptions {
  /** Not done by then, a packet was lost: another attempt does not wait for TCP to find that out. */
  readonly hedgeMs: number;
  /** Attempts at once, at most. */
  readonly atOnce?: number;
  readonly signal: AbortSignal;
}

/** The first of attempts of which each next one is made where those before it are late; the others are given up. Rejects where all fail. */
export async function hedged<T>(
  attempt: (signal: AbortSignal) => Promise<T>,
  { hedgeMs, atOnce = 2, signal }: HedgedOptions,
): Promise<T> {
  const attempts = Array.from({ length: atOnce }, (_, index) => {
    const stop = new AbortController();
    return { stop, done: after(index * hedgeMs, attempt, AbortSignal.any([stop.signal, signal])) };
  });
  const first = await Promise.any(attempts.map(async ({ stop, done }) => ({ stop, value: await done })));
  for (const { stop } of attempts) if (stop !== first.stop) stop.abort();
  return first.value;
}

/** `null` where the server says that there is no such thing. Rejects where it is not the server that answers, or the link is away. */
export async function getWhole(path: string, signal: AbortSignal): Promise<ArrayBuffer | null> {
  const response = await fetch(path, { credentials: 'same-origin', signal });
  if (response.status === 404) return null;
  if (!response.ok || isForeign(response)) throw new Error(`${path}: ${response.status}`);
  return await response.arrayBuffer();
}

async function after<T>(
  ms: number,
  attempt: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  if (ms > 0)
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  signal.throwIfAborted();
  return attempt(signal);
}
