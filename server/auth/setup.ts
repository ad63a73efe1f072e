import { randomInt } from 'node:crypto';
import type { Account, RouteInput } from '../../protocol/api.ts';
import { TongkeError } from '../../protocol/errors.ts';
import { anyAccount, createAccount, findAccount } from '../store/accounts.ts';
import { createSchool } from '../store/schools.ts';
import { hashPassword } from './password.ts';
import { sameText } from './sessions.ts';

/** Without those that look alike, in print or read out over a telephone. */
const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const CODE_LENGTH = 12;

/** The first administrator: whoever can read the server's log, once, while nobody has an account. */
export class Setup {
  /** For the server's log. */
  readonly code = Array.from({ length: CODE_LENGTH }, () => LETTERS.charAt(randomInt(LETTERS.length))).join(
    '',
  );
  readonly #demo: boolean;
  #done = false;

  /** `demo`: the demo's accounts count as accounts. */
  constructor(demo: boolean) {
    this.#demo = demo;
  }

  async isOpen(): Promise<boolean> {
    if (!this.#done && (await anyAccount({ demo: this.#demo }))) this.#done = true;
    return !this.#done;
  }

  /** Makes the school and its administrator. Rejects with `forbidden` where someone was first, `wrong_password` for the code. */
  async complete(input: RouteInput<'setup.create'>): Promise<Account> {
    if (!(await this.isOpen())) throw new TongkeError('forbidden');
    if (!sameText(input.code.trim().toUpperCase(), this.code)) throw new TongkeError('wrong_password');
    // Taken with nothing awaited in between: of two visitors with the code, one is the first.
    if (this.#done) throw new TongkeError('forbidden');
    this.#done = true;
    try {
      return await createAdministrator(input);
    } catch (error) {
      this.#done = false;
      throw error;
    }
  }
}

async function createAdministrator(input: RouteInput<'setup.create'>): Promise<Account> {
  const password = await hashPassword(input.password);
  const name = { 'zh-CN': input.school };
  const school = await createSchool({ name, region: name, kind: 'hub' });
  const id = await createAccount({
    username: input.username,
    password,
    role: 'administrator',
    name: { 'zh-CN': input.name },
    school,
  });
  const account = await findAccount(id, { demo: false });
  if (!account) throw new TongkeError('internal', 'the new administrator is not there');
  return account;
}
