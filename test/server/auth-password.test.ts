import assert from 'node:assert/strict';
import { argon2Sync } from 'node:crypto';
import { TongkeError } from '../../protocol/errors.ts';
import { AttemptLimits, RateLimited } from '../../server/auth/limits.ts';
import { hashPassword, verifyPassword } from '../../server/auth/password.ts';

describe('passwords', () => {
  it('are kept as Argon2id, each with a salt of its own', async () => {
    const [first, second] = await Promise.all([hashPassword('འབྲུག་ pass'), hashPassword('འབྲུག་ pass')]);
    assert.match(first, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    assert.notEqual(first, second);
    assert.equal(await verifyPassword('འབྲུག་ pass', first), true);
    assert.equal(await verifyPassword('འབྲུག pass', first), false);
  });

  it('are the same from every keyboard', async () => {
    assert.equal(await verifyPassword('ｃａｆé', await hashPassword('cafe\u0301')), true);
  });

  it('cost as much for a name that does not exist', async () => {
    const kept = await hashPassword('a password');
    // The least of several: what else the machine does only makes one slower.
    let [known, unknown] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let i = 0; i < 5; i++) {
      known = Math.min(known, await timed(() => verifyPassword('another', kept)));
      unknown = Math.min(unknown, await timed(() => verifyPassword('another', undefined)));
    }
    assert.ok(unknown > known / 3 && known > unknown / 3, `${known} ms against ${unknown} ms`);
    assert.equal(await verifyPassword('another', undefined), false);
  });

  it('wait in a line that ends: who comes later is told to come again', async () => {
    // A hash that costs next to nothing: the line is the same, and no core is kept busy for seconds.
    const nonce = Buffer.alloc(16, 1);
    const tag = argon2Sync('argon2id', {
      ...{ message: 'a password', nonce, memory: 8, passes: 1, parallelism: 1, tagLength: 32 },
    });
    const base64 = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '');
    const kept = `$argon2id$v=19$m=8,t=1,p=1$${base64(nonce)}$${base64(tag)}`;
    const results = await Promise.allSettled(
      Array.from({ length: 260 }, () => verifyPassword('a password', kept)),
    );
    const refused = results.filter((result) => result.status === 'rejected');
    assert.equal(results.filter((result) => result.status === 'fulfilled' && result.value).length, 202);
    assert.equal(refused.length, 58);
    for (const { reason } of refused) {
      assert.ok(reason instanceof TongkeError && reason.code === 'too_many_requests');
    }
    assert.equal(await verifyPassword('a password', kept), true, 'and the line moves on');
  }).timeout(60_000);
});

describe('limits on guessing', () => {
  it('end guesses at one name from one address, and no others', async () => {
    const limits = new AttemptLimits();
    for (let i = 0; i < 10; i++) await limits.count('10.0.0.1', 'dolma');
    await assert.rejects(limits.count('10.0.0.1', 'dolma'), RateLimited);
    await limits.count('10.0.0.1', 'tashi');
    await limits.count('10.0.0.2', 'dolma');
  });

  it('forget what a success explains', async () => {
    const limits = new AttemptLimits();
    for (let i = 0; i < 300; i++) {
      const forgive = await limits.count('10.0.0.1', `student${i % 40}`);
      await forgive();
    }
  });

  it('end guesses at many names from one address, or one IPv6 network', async () => {
    const limits = new AttemptLimits();
    for (let i = 0; i < 100; i++) await limits.count(`2001:db8::${i.toString(16)}`, `student${i}`);
    await assert.rejects(limits.count('2001:db8:0:0:ffff::1', 'dolma'), RateLimited);
    await limits.count('2001:db8:0:1::1', 'dolma');
  });

  it('say when to come back', async () => {
    const limits = new AttemptLimits();
    for (let i = 0; i < 10; i++) await limits.count('::ffff:10.0.0.1', 'dolma');
    await assert.rejects(limits.count('10.0.0.1', 'dolma'), (error) => {
      assert.ok(error instanceof RateLimited);
      assert.equal(error.code, 'too_many_requests');
      assert.ok(error.retryAfterSeconds > 800 && error.retryAfterSeconds <= 900);
      return true;
    });
  });
});

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < 3; i++) await work();
  return performance.now() - start;
}
