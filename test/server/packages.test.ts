import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';
import type { PackageManifest } from '../../protocol/api-courier.ts';
import { type Identity, openIdentity } from '../../server/courier/identity.ts';
import { keepPages, pagesIn } from '../../server/courier/pages.ts';
import { extractPackage, readPackage } from '../../server/courier/unpack.ts';
import { openFolderStore } from '../../server/storage/folder.ts';

import { DRAWING, hashOf } from './replay/lay-page.ts';

describe('a package from anywhere', () => {
  let folder: string;
  let identity: Identity;
  let count = 0;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tongke-package-'));
    identity = await openIdentity(folder);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const files = { 'log.json': Buffer.from('[]'), 'captions.json': Buffer.from('[]') };

  function manifestOf(
    contents: Readonly<Record<string, Buffer>>,
    more: Partial<PackageManifest> = {},
  ): Buffer {
    const name = { 'zh-CN': '课' };
    return Buffer.from(
      JSON.stringify({
        ...{ version: 1, madeAt: 1, lesson: 'l1', title: name, course: name, teacher: name, school: name },
        ...{ startsAt: 1, endsAt: 2, from: 0, to: 1000, gaps: [], chapters: [], renditions: [] },
        files: Object.entries(contents).map(([file, content]) => ({
          name: file,
          bytes: content.length,
          sha256: hashOf(content),
        })),
        ...more,
      }),
    );
  }

  interface Making {
    readonly manifest?: Buffer;
    readonly signed?: Buffer;
    readonly contents?: Readonly<Record<string, Buffer>>;
    readonly compress?: boolean;
    readonly spoil?: (zip: Buffer) => Buffer;
  }

  async function make({ manifest = manifestOf(files), signed, contents = files, compress, spoil }: Making) {
    const proof = JSON.stringify({ key: identity.key, signature: identity.sign(signed ?? manifest) });
    const zip = new ZipFile();
    zip.addBuffer(manifest, 'manifest.json', { compress: false });
    zip.addBuffer(Buffer.from(proof), 'signature.json', { compress: false });
    for (const [name, content] of Object.entries(contents))
      zip.addBuffer(content, name, { compress: compress ?? false });
    zip.end();
    const made = await buffer(zip.outputStream);
    const path = join(folder, `${count++}.tongke`);
    await writeFile(path, spoil ? spoil(made) : made);
    return path;
  }

  async function take(path: string, trusted = true): Promise<string[]> {
    const place = join(folder, `out${count++}`);
    await mkdir(place);
    try {
      const unpacked = await readPackage(
        path,
        async (fingerprint) => trusted && fingerprint === identity.fingerprint,
      );
      await extractPackage(path, unpacked, place);
    } finally {
      const escaped = (await readdir(folder)).filter((name) => name.includes('pwn'));
      assert.deepEqual(escaped, []);
    }
    return readdir(place);
  }

  it('is taken as it was made', async () => {
    assert.deepEqual((await take(await make({}))).sort(), ['captions.json', 'log.json']);
  });

  it('is refused in words where anything is wrong with it', async () => {
    const other = Buffer.from('[1]');
    const bomb = Buffer.alloc(5_000_000);
    const evil = Buffer.from('#EXTM3U\nhttps://elsewhere.example/a.m4s\n');
    /** In the zip's own headers, behind the manifest: that one stays as it was signed. */
    const rename = (zip: Buffer) => {
      const behind = zip.indexOf('signature.json');
      const renamed = zip.toString('latin1', behind).replaceAll('captions.json', '../../pwn.jso');
      return Buffer.concat([zip.subarray(0, behind), Buffer.from(renamed, 'latin1')]);
    };
    const cases: [name: string, code: string, making: Making][] = [
      ['cut off', 'package_damaged', { spoil: (zip) => zip.subarray(0, zip.length - 30) }],
      ['cut off in the middle', 'package_damaged', { spoil: (zip) => zip.subarray(0, zip.length / 2) }],
      ['no package', 'package_damaged', { spoil: () => Buffer.from('hello') }],
      ['signed for something else', 'package_forged', { signed: Buffer.from('other') }],
      [
        'changed after it was signed',
        'package_damaged',
        { contents: { ...files, 'log.json': Buffer.from('{}') } },
      ],
      ['of another length', 'package_hostile', { contents: { ...files, 'log.json': other } }],
      ['more than announced', 'package_hostile', { contents: { ...files, 'voice-1.m4s': other } }],
      ['less than announced', 'package_damaged', { contents: { 'log.json': files['log.json'] } }],
      ['leading out of its folder', 'package_hostile', { spoil: rename }],
      [
        'packed tightly',
        'package_hostile',
        {
          manifest: manifestOf({ ...files, 'voice-1.m4s': bomb }),
          contents: { ...files, 'voice-1.m4s': bomb },
          compress: true,
        },
      ],
      [
        'announcing more than any lesson has',
        'package_hostile',
        {
          manifest: manifestOf(files, {
            files: [{ name: 'voice.mp4', bytes: 9e12, sha256: '0'.repeat(64) }],
          }),
        },
      ],
      [
        'naming a file that is none of ours',
        'package_hostile',
        { manifest: manifestOf({ '../evil.js': other } as Record<string, Buffer>) },
      ],
      [
        'with a playlist that leads elsewhere',
        'package_hostile',
        {
          manifest: manifestOf({ ...files, 'voice.m3u8': evil }),
          contents: { ...files, 'voice.m3u8': evil },
        },
      ],
      ['signed, but no manifest', 'package_hostile', { manifest: Buffer.from('{"version":2}') }],
    ];
    for (const [name, code, making] of cases) await assert.rejects(take(await make(making)), { code }, name);
    await assert.rejects(take(await make({}), false), {
      code: 'package_untrusted',
      message: identity.fingerprint,
    });
  });
});

describe('a page that was brought', () => {
  it('is taken in as we would have made it ourselves, and refused otherwise', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tongke-pages-'));
    const objects = openFolderStore(join(folder, 'objects'));
    const place = join(folder, 'in');
    try {
      await mkdir(place);
      for (const hostile of [
        `<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>`,
        `${DRAWING} `,
      ]) {
        const path = join(place, `page-${hashOf(Buffer.from(hostile))}.svg`);
        await writeFile(path, hostile);
        await assert.rejects(pagesIn(place), { code: 'package_hostile' });
        await rm(path);
      }
      const sha256 = hashOf(Buffer.from(DRAWING));
      await writeFile(join(place, `page-${sha256}.svg`), DRAWING);
      await writeFile(join(place, 'voice.m3u8'), 'is not touched');
      const kept = await keepPages(await pagesIn(place), objects);
      assert.deepEqual(kept, [{ sha256, form: 'svg', bytes: DRAWING.length }]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
