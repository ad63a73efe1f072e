import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import type { ObjectStore } from '../../protocol/storage.ts';
import { openS3Store, PART_BYTES } from '../../server/storage/s3.ts';
import { startS3, type TestS3 } from '../support/s3.ts';

/** Two whole parts and a rest. */
const LARGE = randomBytes(2 * PART_BYTES + 12_345);

describe('a bucket of objects', () => {
  let s3: TestS3;
  let store: ObjectStore;

  beforeEach(async () => {
    s3 = await startS3();
    store = await openS3Store(s3.options);
  });

  afterEach(() => s3.close());

  it('gives back what was put, and its checksum', async () => {
    const info = await store.put('a/b/c.bin', chunks('snow ', 'lake'));
    assert.deepEqual(info, { bytes: 9, sha256: sha256('snow lake') });
    assert.equal(String(await bytes(await store.read('a/b/c.bin'))), 'snow lake');
    assert.deepEqual(await store.info('a/b/c.bin'), info);
    assert.deepEqual(await store.put('empty', chunks()), { bytes: 0, sha256: sha256('') });
  });

  it('reads a range, both ends included', async () => {
    await store.put('r', chunks('0123456789'));
    assert.equal(String(await bytes(await store.read('r', { from: 2, to: 4 }))), '234');
    assert.equal(String(await bytes(await store.read('r', { from: 9, to: 9 }))), '9');
  });

  it('knows what is not there, and lists what is below a prefix of its own', async () => {
    assert.equal(await store.info('nothing'), null);
    assert.equal(await store.read('nothing/here'), null);
    await store.remove('nothing');
    const own = await openS3Store({ ...s3.options, prefix: 'county/' });
    await own.put('a/1', chunks('x'));
    await own.put('b/1', chunks('x'));
    assert.deepEqual(await all(own.keys('a/')), ['a/1']);
    assert.deepEqual((await all(store.keys(''))).sort(), ['county/a/1', 'county/b/1']);
    await own.remove('a/1');
    assert.equal(await own.info('a/1'), null);
  });

  it('is away where the store takes a request and says nothing', async () => {
    await store.put('a', chunks('x'));
    s3.isSilent = true;
    const hasty = await openS3Store({ ...s3.options, idleMs: 200 });
    await assert.rejects(hasty.info('a'), { code: 'storage_unavailable' });
    assert.match(hasty.trouble?.() ?? '', /timed out/);
    s3.isSilent = false;
    assert.equal((await hasty.info('a'))?.bytes, 1);
  }).timeout(20_000);

  it('takes what is large in parts, and puts them together as they were', async () => {
    const info = await store.put('large', inPieces(LARGE));
    assert.deepEqual(info, { bytes: LARGE.length, sha256: sha256(LARGE) });
    assert.equal(partsSent(s3), 3);
    assert.ok((await bytes(await store.read('large'))).equals(LARGE));
    assert.deepEqual(await store.info('large'), info);
    assert.deepEqual(await readdir(s3.options.journal), []);
  }).timeout(20_000);

  it('goes on with an upload that broke off, in another process too', async () => {
    await assert.rejects(store.put('large', inPieces(LARGE, 2 * PART_BYTES)), /the line broke/);
    assert.equal(partsSent(s3), 2);
    assert.equal(await store.info('large'), null, 'half of it is nothing');
    const later = await openS3Store(s3.options);
    const info = await later.put('large', inPieces(LARGE));
    assert.equal(info.sha256, sha256(LARGE));
    assert.equal(partsSent(s3), 3, 'only the last part was sent again');
    assert.ok((await bytes(await later.read('large'))).equals(LARGE));
  }).timeout(20_000);

  it('leaves nothing of an upload that broke off, where that is removed', async () => {
    await assert.rejects(store.put('a/large', inPieces(LARGE, 2 * PART_BYTES)), /the line broke/);
    assert.deepEqual(await all(store.keys('a/')), ['a/large'], 'what is half there is found');
    assert.deepEqual(await all(store.keys('b/')), []);
    assert.equal((await s3.underWay()).length, 1);
    await store.remove('a/large');
    assert.deepEqual(await s3.underWay(), []);
    assert.deepEqual(await all(store.keys('a/')), []);
  }).timeout(20_000);

  it('sends anew what has changed since the upload broke off', async () => {
    await assert.rejects(store.put('large', inPieces(LARGE, 2 * PART_BYTES)), /the line broke/);
    const changed = Buffer.from(LARGE);
    changed.writeUInt8(changed.readUInt8(0) ^ 1, 0);
    const info = await store.put('large', inPieces(changed));
    assert.equal(info.sha256, sha256(changed));
    assert.equal(partsSent(s3), 4);
    assert.ok((await bytes(await store.read('large'))).equals(changed));
  }).timeout(20_000);
});

function partsSent({ requests }: TestS3): number {
  return requests.filter((request) => request.startsWith('PUT') && request.includes('partNumber')).length;
}

async function* chunks(...parts: string[]): AsyncIterable<Uint8Array> {
  for (const part of parts) yield Buffer.from(part);
}

/** In the sizes in which a file is read. Breaks off once `until` bytes are out. */
async function* inPieces(data: Buffer, until = Number.POSITIVE_INFINITY): AsyncIterable<Uint8Array> {
  for (let at = 0; at < data.length; at += 65_536) {
    if (at >= until) throw new Error('the line broke');
    yield data.subarray(at, at + 65_536);
  }
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

async function bytes(content: AsyncIterable<Uint8Array> | null): Promise<Buffer> {
  assert.ok(content);
  return Buffer.concat(await all(content));
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
