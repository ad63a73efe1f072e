import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ObjectStore } from '../../protocol/storage.ts';
import { openFolderStore } from '../../server/storage/folder.ts';

describe('a folder of objects', () => {
  let root: string;
  let store: ObjectStore;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'tongke-objects-'));
    store = openFolderStore(join(root, 'objects'));
  });

  afterEach(() => rm(root, { recursive: true, force: true }));

  it('gives back what was put, and its checksum', async () => {
    const info = await store.put('a/b/c.bin', chunks('snow ', 'lake'));
    assert.deepEqual(info, { bytes: 9, sha256: sha256('snow lake') });
    assert.equal(await text(await store.read('a/b/c.bin')), 'snow lake');
    assert.deepEqual(await store.info('a/b/c.bin'), info);
  });

  it('reads a range, both ends included', async () => {
    await store.put('r', chunks('0123456789'));
    assert.equal(await text(await store.read('r', { from: 2, to: 4 })), '234');
    assert.equal(await text(await store.read('r', { from: 9, to: 9 })), '9');
  });

  it('replaces an object as a whole, and tells its new checksum', async () => {
    await store.put('k', chunks('a long first content'));
    await store.put('k', chunks('short'));
    assert.equal(await text(await store.read('k')), 'short');
    assert.equal((await store.info('k'))?.sha256, sha256('short'));
  });

  it('leaves what was there, and no litter, where writing breaks off', async () => {
    await store.put('k', chunks('kept'));
    await assert.rejects(store.put('k', failing()), /the line broke/);
    assert.equal(await text(await store.read('k')), 'kept');
    assert.deepEqual((await readdir(join(root, 'objects'))).sort(), ['.k.json', 'k']);
  });

  it('knows what is not there', async () => {
    assert.equal(await store.info('nothing'), null);
    assert.equal(await store.read('nothing/here'), null);
    await store.remove('nothing');
    await store.put('k', chunks('x'));
    assert.equal(await store.info('k/below'), null);
    await store.remove('k');
    assert.equal(await store.info('k'), null);
    assert.deepEqual(await readdir(join(root, 'objects')), []);
  });

  it('lists keys by their beginning, and no drafts or notes', async () => {
    assert.deepEqual(await all(store.keys('')), []);
    for (const key of ['a/1', 'a/2/x', 'b/1']) await store.put(key, chunks(key));
    assert.deepEqual((await all(store.keys('a/'))).sort(), ['a/1', 'a/2/x']);
    assert.deepEqual((await all(store.keys(''))).sort(), ['a/1', 'a/2/x', 'b/1']);
  });

  it('does not believe a note that is of another file', async () => {
    await store.put('k', chunks('first'));
    await writeFile(join(root, 'objects', 'k'), 'other');
    assert.equal((await store.info('k'))?.sha256, sha256('other'));
  });

  for (const key of [
    '../x',
    'a/../x',
    '/etc/passwd',
    'a//b',
    '.hidden',
    'a/.hidden',
    'A',
    '',
    'a/',
    'a\0b',
    'a\\b',
  ]) {
    it(`takes ${JSON.stringify(key)} for no key`, async () => {
      await assert.rejects(async () => store.put(key, chunks('x')), /no object's key/);
      await assert.rejects(async () => store.read(key), /no object's key/);
    });
  }
});

async function* chunks(...parts: string[]): AsyncIterable<Uint8Array> {
  for (const part of parts) yield Buffer.from(part);
}

async function* failing(): AsyncIterable<Uint8Array> {
  yield Buffer.from('half');
  throw new Error('the line broke');
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

async function text(content: AsyncIterable<Uint8Array> | null): Promise<string> {
  assert.ok(content);
  return Buffer.concat(await all(content)).toString();
}

function sha256(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}
