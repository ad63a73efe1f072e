import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';
import { routes } from '../../protocol/api.ts';
import type { PackageManifest } from '../../protocol/api-courier.ts';
import { hashPassword } from '../../server/auth/password.ts';
import { type Identity, openIdentity } from '../../server/courier/identity.ts';
import { takePages } from '../../server/courier/pages.ts';
import { extractPackage, readPackage } from '../../server/courier/unpack.ts';
import { cleanSvg } from '../../server/courseware/clean-svg.ts';
import { fileKey } from '../../server/courseware/keys.ts';
import { DEMO_PASSWORD, FINISHED_LESSON } from '../../server/demo/demo.ts';
import { openFolderStore } from '../../server/storage/folder.ts';
import { createAccount } from '../../server/store/accounts.ts';
import { grantFiles } from '../../server/store/courseware.ts';
import { logStore, readLog } from '../../server/store/log.ts';
import { createSchool } from '../../server/store/schools.ts';
import { eventually } from '../support/eventually.ts';
import { type HttpServer, startHttpServer } from './http-server.ts';

/** As a drawing is kept: written by the cleaning. */
const DRAWING = cleanSvg(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 90"><rect x="1.50" width="20" height="9"/></svg>',
).text;

/** A page with a drawing on the board of the demo's finished lesson, as though it had been taught with. */
async function layPage(directory: string): Promise<void> {
  const content = Buffer.from(DRAWING);
  const sha256 = hashOf(content);
  const file = { sha256, form: 'svg' as const, bytes: content.length, width: 160, height: 90 };
  await openFolderStore(join(directory, 'objects')).put(fileKey(sha256), Readable.from([content]));
  await grantFiles(FINISHED_LESSON, [file]);
  const last = (await readLog(FINISHED_LESSON, 0)).at(-1);
  assert.ok(last);
  const event = { type: 'page.laid' as const, pages: [{ id: 'laid1', kind: 'courseware' as const, file }] };
  await logStore.append(FINISHED_LESSON, 'test', [
    { seq: last.seq + 1, t: last.t, actor: 'demo-dolma', event },
  ]);
}

const hashOf = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

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
        await assert.rejects(takePages(place, objects), { code: 'package_hostile' });
        await rm(path);
      }
      const sha256 = hashOf(Buffer.from(DRAWING));
      await writeFile(join(place, `page-${sha256}.svg`), DRAWING);
      await writeFile(join(place, 'voice.m3u8'), 'is not touched');
      assert.deepEqual(await takePages(place, objects), [{ sha256, form: 'svg', bytes: DRAWING.length }]);
      assert.deepEqual(await readdir(place), ['voice.m3u8']);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe('the courier', function () {
  this.timeout(240_000);
  let server: HttpServer;
  let teacher: string;
  let admin: string;
  let pupil: string;
  let stick: Buffer;

  before(async () => {
    server = await startHttpServer();
    const name = { 'zh-CN': '远方小学' };
    const school = await createSchool({ name, region: name, kind: 'village' });
    const password = await hashPassword(DEMO_PASSWORD);
    await createAccount({ username: 'faradmin', password, role: 'administrator', name, school });
    await createAccount({ username: 'farpupil', password, role: 'student', name, school });
    teacher = await server.as('dolma');
    admin = await server.as('faradmin');
    pupil = await server.as('farpupil');
    await server.makeDemoReplay();
    await layPage(server.directory);
    await eventually(
      async () => {
        const { data } = await server.send(`/api/v1/lessons/${FINISHED_LESSON}/replay`, { cookie: teacher });
        return routes['replay.show'].output.parse(data).state.picture === 'ready';
      },
      'the picture',
      200_000,
    );
  });
  after(() => server?.close());

  async function upload(content: Buffer): Promise<string> {
    const id = randomBytes(16).toString('hex');
    const place = `${server.url}/courier/uploads/${id}`;
    // The line breaks off half way; where it was, is asked for.
    for (const share of [0.5, 1]) {
      const asked = await fetch(place, { headers: { cookie: admin } });
      const { data } = await asked.json();
      const sent = await fetch(`${place}?from=${data.received}&bytes=${content.length}`, {
        method: 'PATCH',
        headers: { cookie: admin, 'content-type': 'application/octet-stream' },
        body: new Uint8Array(content.subarray(data.received, Math.floor(content.length * share))),
      });
      assert.equal(sent.status, 200, await sent.text());
    }
    return id;
  }
  const take = async (content: Buffer) =>
    server.send('/api/v1/courier/imports', {
      method: 'POST',
      cookie: admin,
      body: { upload: await upload(content) },
    });

  it('packs a replay for its teacher, who fetches it in parts', async () => {
    const path = `/api/v1/lessons/${FINISHED_LESSON}/package`;
    assert.equal((await server.send(path, { method: 'POST', cookie: pupil })).code, 'not_found');
    const { data } = await server.send(path, { method: 'POST', cookie: teacher, body: {} });
    const { url, bytes } = routes['courier.export'].output.parse(data);
    const half = Math.floor(bytes / 2);
    const parts: Buffer[] = [];
    for (const range of [`bytes=0-${half - 1}`, `bytes=${half}-`]) {
      const part = await fetch(server.url + url, { headers: { cookie: teacher, range } });
      assert.equal(part.status, 206);
      parts.push(Buffer.from(await part.arrayBuffer()));
    }
    stick = Buffer.concat(parts);
    assert.equal(stick.length, bytes);
    assert.equal((await server.send(url, { cookie: pupil })).code, 'not_found');
    assert.equal((await server.send(url)).code, 'not_signed_in');
  });

  it('lets only administrators send packages in', async () => {
    for (const [cookie, code] of [
      [teacher, 'forbidden'],
      [undefined, 'not_signed_in'],
    ] as const) {
      const place = `/courier/uploads/${'a'.repeat(32)}?from=0&bytes=5`;
      assert.equal((await server.send(place, { method: 'PATCH', cookie, body: 'hello' })).code, code);
      assert.equal((await server.send(place, { cookie })).code, code);
    }
  });

  it('takes a package in once its school is trusted, and once only', async () => {
    assert.equal((await take(stick)).code, 'package_untrusted');
    const shown = await server.send('/api/v1/courier', { cookie: admin });
    const { fingerprint } = routes['courier.show'].output.parse(shown.data);
    const spoken = fingerprint.toUpperCase().replace(/(.{4})/g, '$1 ');
    const body = { fingerprint: spoken, name: '格桑县中心小学' };
    await server.send('/api/v1/courier/schools', { method: 'POST', cookie: admin, body });
    const changed = Buffer.from(stick);
    changed[Math.floor(stick.length / 2)] = (changed[Math.floor(stick.length / 2)] ?? 0) ^ 1;
    assert.equal((await take(changed)).code, 'package_damaged');
    const first = routes['courier.import'].output.parse((await take(stick)).data);
    assert.equal(first.known, false);
    const again = routes['courier.import'].output.parse((await take(stick)).data);
    assert.deepEqual(again, { ...first, known: true });
  });

  it('gives the whole replay to the school that took it in, and to nobody else', async () => {
    const { data } = await server.send('/api/v1/library', { cookie: pupil });
    const [brought] = routes['library.list'].output.parse(data).replays;
    assert.ok(brought);
    assert.equal(brought.teacher['zh-CN'], '卓玛');
    const path = `/api/v1/lessons/${brought.lesson}`;
    const replay = routes['replay.show'].output.parse(
      (await server.send(`${path}/replay`, { cookie: pupil })).data,
    );
    const original = routes['replay.show'].output.parse(
      (await server.send(`/api/v1/lessons/${FINISHED_LESSON}/replay`, { cookie: teacher })).data,
    );
    assert.deepEqual([replay.from, replay.to, replay.gaps], [original.from, original.to, original.gaps]);
    const log = async (lesson: string, cookie: string) =>
      routes['replay.log'].output.parse((await server.send(`/api/v1/lessons/${lesson}/log`, { cookie })).data)
        .entries;
    assert.deepEqual(await log(brought.lesson, pupil), await log(FINISHED_LESSON, teacher));
    const page = await server.send(`/courseware/${brought.lesson}/${hashOf(Buffer.from(DRAWING))}`, {
      cookie: pupil,
    });
    assert.equal(page.text, DRAWING, 'what is beneath the ink came along');
    for (const [i, { url }] of replay.renditions.entries()) {
      const there = await server.send(url, { cookie: pupil });
      assert.equal(
        there.text,
        (await server.send(original.renditions[i]?.url ?? '', { cookie: teacher })).text,
      );
      assert.equal((await server.send(url, { cookie: await server.as('student1') })).code, 'not_found');
    }
    assert.equal(
      (await server.send(`${path}/replay`, { cookie: await server.as('student1') })).code,
      'not_found',
    );
  });

  it('leaves nothing of what was refused', async () => {
    const places = await readdir(join(server.directory, 'courier'));
    assert.deepEqual(places.sort(), ['in', 'out']);
    assert.match(await readFile(join(server.directory, 'keys', 'courier.pem'), 'utf8'), /PRIVATE KEY/);
  });
});
