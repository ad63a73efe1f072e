import { createHash, randomBytes } from 'node:crypto';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Share } from '../../protocol/api-replays.ts';
import { TongkeError } from '../../protocol/errors.ts';
import { networkOf, RateLimited } from '../auth/limits.ts';
import { namesOf } from '../store/accounts.ts';
import { addShare, noteOpened, type ShareRow, shareByToken, sharesOf } from '../store/replays.ts';

const DAY_MS = 86_400_000;
/** A school year. Who wants it longer says so again. */
const LONGEST_DAYS = 366;
/** Good ones that a lesson may have at a time: a list that nobody reads is no list. */
const MOST = 50;
/** A token cannot be guessed; this keeps the guessing itself from being felt. Tokens that there never were, from one network, in a quarter of an hour. */
const TRIES = { points: 60, duration: 15 * 60 } as const;

/** Links that open a replay without an account. */
export class Shares {
  readonly #tries = new RateLimiterMemory(TRIES);

  async list(lesson: string): Promise<Share[]> {
    const rows = await sharesOf(lesson);
    const names = await namesOf(rows.map(({ by }) => by));
    return rows.map((row) => present(row, names.get(row.by)));
  }

  /** `token`: told now and never again. Rejects with `bad_request` where the end is not within a year from now. */
  async make(
    lesson: string,
    by: string,
    { label, until }: { label: string; until: number },
  ): Promise<{ share: Share; token: string }> {
    const now = Date.now();
    if (until <= now || until > now + LONGEST_DAYS * DAY_MS)
      throw new TongkeError('bad_request', `until: within ${LONGEST_DAYS} days from now`);
    const good = (await sharesOf(lesson)).filter((row) => !row.revoked && row.until.getTime() > now);
    if (good.length >= MOST) throw new TongkeError('too_large', `${MOST} shares at a time`);
    const token = randomBytes(32).toString('base64url');
    const row = await addShare({ lesson, by, label, until: new Date(until), token: hashOf(token) });
    return { share: present(row, (await namesOf([by])).get(by)), token };
  }

  /** The share that a token stands for. Rejects with `share_ended`, whether it is over or never was. */
  async open(token: string, address: string): Promise<{ id: string; lesson: string }> {
    const network = networkOf(address);
    await this.#check(network);
    const row = await shareByToken(hashOf(token));
    // What is no guess does not count: a class that opens a link comes from one address, and so it does to one that is over.
    if (!row) await this.#count(network);
    if (!row || row.revoked || row.until.getTime() <= Date.now()) throw new TongkeError('share_ended');
    await noteOpened(row._id);
    return { id: row._id, lesson: row.lesson };
  }

  async #check(network: string): Promise<void> {
    const tries = await this.#tries.get(network);
    if (tries && tries.consumedPoints >= TRIES.points)
      throw new RateLimited(Math.ceil(tries.msBeforeNext / 1000));
  }

  async #count(network: string): Promise<void> {
    try {
      await this.#tries.consume(network);
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      throw new RateLimited(Math.ceil(error.msBeforeNext / 1000));
    }
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

function present(row: ShareRow, by: Share['by'] = { 'zh-CN': '—' }): Share {
  return {
    id: row._id,
    label: row.label,
    madeAt: row.madeAt.getTime(),
    by,
    until: row.until.getTime(),
    revoked: row.revoked,
    opened: row.opened,
    lastOpenedAt: row.lastOpenedAt?.getTime() ?? null,
  };
}
