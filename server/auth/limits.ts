import { isIPv6 } from 'node:net';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { TongkeError } from '../../protocol/errors.ts';

const WINDOW_SECONDS = 15 * 60;
/** Guesses at one name from one address. */
const PER_NAME = 10;
/** From one address in all. A school is one address to a server in the county: a class may mistype, a list may not run. */
const PER_ADDRESS = 100;

/** `too_many_requests` that knows when to come back. */
export class RateLimited extends TongkeError {
  readonly retryAfterSeconds: number;
  constructor(retryAfterSeconds: number) {
    super('too_many_requests', `Too many attempts; again in ${retryAfterSeconds} seconds.`);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Counts failed attempts to sign in, in this process's memory. */
export class AttemptLimits {
  readonly #perName = new RateLimiterMemory({ points: PER_NAME, duration: WINDOW_SECONDS });
  readonly #perAddress = new RateLimiterMemory({ points: PER_ADDRESS, duration: WINDOW_SECONDS });

  /**
   * Counted before the password is looked at, so that many at once cannot slip through together; gives how to take
   * the count back where the attempt succeeds. Throws `RateLimited`.
   */
  async count(address: string, name: string): Promise<() => Promise<void>> {
    const network = networkOf(address);
    const pair = JSON.stringify([network, name]);
    try {
      await this.#perAddress.consume(network);
      await this.#perName.consume(pair);
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      throw new RateLimited(Math.ceil(error.msBeforeNext / 1000));
    }
    return async () => {
      await this.#perAddress.reward(network);
      await this.#perName.delete(pair);
    };
  }
}

/** An IPv6 host chooses among 2^64 addresses of its own network: they count as one. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const mapped = /^::ffff:([\d.]+)$/i.exec(address)?.[1];
  if (mapped) return mapped;
  const [head = '', tail = ''] = address.split('::');
  const front = head.split(':').filter(Boolean);
  const back = tail.split(':').filter(Boolean);
  const zeros = new Array<string>(Math.max(0, 8 - front.length - back.length)).fill('0');
  return [...front, ...zeros, ...back].slice(0, 4).join(':');
}
