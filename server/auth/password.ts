import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { TongkeError } from '../../protocol/errors.ts';

/** OWASP's password storage cheat sheet, second of its equal choices for Argon2id: 19 MiB, two passes, one lane. */
const COST = { memory: 19 * 1024, passes: 2, parallelism: 1 } as const;
const SALT_BYTES = 16;
const TAG_BYTES = 32;

/**
 * Each hash takes 19 MiB and some 30 ms of a core. A bell rings and a thousand people sign in at once: two at a time
 * leave the lessons their cores, and whoever would wait longer than some seconds is told to try again.
 */
const AT_ONCE = 2;
const QUEUE_LIMIT = 200;

const derive = promisify(argon2);

let running = 0;
const queue: (() => void)[] = [];

/** A password as it is kept, in the PHC string format. Rejects with `too_many_requests` when too many wait. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const tag = await inTurn(() => tagOf(password, salt, COST));
  const { memory, passes, parallelism } = COST;
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${base64(salt)}$${base64(tag)}`;
}

/**
 * Whether `password` is the one in `kept`. Without one (nobody has that name) it works just as long and says no:
 * answering sooner would tell which names exist.
 */
export async function verifyPassword(password: string, kept: string | undefined): Promise<boolean> {
  const { salt, tag, cost } = parse(kept ?? NOBODY);
  const candidate = await inTurn(() => tagOf(password, salt, cost));
  return timingSafeEqual(candidate, tag) && kept !== undefined;
}

type Cost = { readonly memory: number; readonly passes: number; readonly parallelism: number };

const NOBODY = `$argon2id$v=19$m=${COST.memory},t=${COST.passes},p=${COST.parallelism}$${base64(randomBytes(SALT_BYTES))}$${base64(randomBytes(TAG_BYTES))}`;

function tagOf(password: string, salt: Buffer, cost: Cost): Promise<Buffer> {
  // NIST SP 800-63B: the same characters typed on another keyboard are the same password.
  return derive('argon2id', {
    ...cost,
    message: password.normalize('NFKC'),
    nonce: salt,
    tagLength: TAG_BYTES,
  });
}

const PHC = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]{43})$/;

function parse(kept: string): { salt: Buffer; tag: Buffer; cost: Cost } {
  const [, memory, passes, parallelism, salt, tag] = PHC.exec(kept) ?? [];
  if (!memory || !passes || !parallelism || !salt || !tag) throw new Error('a kept password is not readable');
  return {
    salt: Buffer.from(salt, 'base64'),
    tag: Buffer.from(tag, 'base64'),
    cost: { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) },
  };
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running < AT_ONCE) running += 1;
  else {
    if (queue.length >= QUEUE_LIMIT) throw new TongkeError('too_many_requests');
    // Whoever finishes hands its place over, so `running` stays as it is.
    await new Promise<void>((resolve) => queue.push(resolve));
  }
  try {
    return await work();
  } finally {
    const next = queue.shift();
    if (next) next();
    else running -= 1;
  }
}
