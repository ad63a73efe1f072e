import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { networkOf, RateLimited } from '../auth/limits.ts';

const WINDOW_SECONDS = 15 * 60;
/** Wrong codes of one technician: reading eight digits over a bad telephone line goes wrong a few times. */
const GUESSES_PER_ACCOUNT = 20;
/**
 * Wrong codes in all. With a hundred screens waiting, 300 guesses among 10^8 find one with a chance of 1 in 3,000 a
 * window, and whoever guesses has signed in and is in the audit.
 */
const GUESSES_IN_ALL = 300;
/** A school is one address: forty screens that wait to be paired ask every few seconds each. */
const ASKED_PER_NETWORK = 12_000;
const CODES_PER_NETWORK = 200;

/** Counts attempts in this process's memory; each throws `RateLimited`. */
export class DeviceLimits {
  readonly #perAccount = limiter(GUESSES_PER_ACCOUNT);
  readonly #inAll = limiter(GUESSES_IN_ALL);
  readonly #asked = limiter(ASKED_PER_NETWORK);
  readonly #codes = limiter(CODES_PER_NETWORK);

  /** Before a code is looked at; gives how to take the count back where it was right. */
  async guess(account: string): Promise<() => Promise<void>> {
    await take(this.#perAccount, account);
    await take(this.#inAll, 'all');
    return async () => {
      await this.#perAccount.delete(account);
      await this.#inAll.reward('all');
    };
  }

  async ask(address: string): Promise<void> {
    await take(this.#asked, networkOf(address));
  }

  async newCode(address: string): Promise<void> {
    await take(this.#codes, networkOf(address));
  }
}

function limiter(points: number): RateLimiterMemory {
  return new RateLimiterMemory({ points, duration: WINDOW_SECONDS });
}

async function take(counter: RateLimiterMemory, key: string): Promise<void> {
  try {
    await counter.consume(key);
  } catch (error) {
    if (!(error instanceof RateLimiterRes)) throw error;
    throw new RateLimited(Math.ceil(error.msBeforeNext / 1000));
  }
}
