import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { shownPages } from '../../protocol/board.ts';
import { cleanSvg } from '../../server/courseware/clean-svg.ts';
import { hasScript } from '../../server/courseware/pdf-scripts.ts';
import { FileRefused } from '../../server/courseware/refused.ts';
import { runTool, ToolError } from '../../server/courseware/tool.ts';
import {
  ACTIVE_SVGS,
  archive,
  pdf,
  picture,
  png,
  SVG,
  swellingSlides,
  swellingSvg,
} from '../support/courseware-files.ts';
import { eventually } from '../support/eventually.ts';
import { DEMO } from '../support/server.ts';
import { CoursewareSite } from './courseware-site.ts';
import { type HttpServer, startHttpServer } from './http-server.ts';

describe('hostile courseware', function () {
  this.timeout(120_000); // programs that go behind all others take their time on a busy machine

  let server: HttpServer;
  let at: CoursewareSite;

  before(async () => {
    server = await startHttpServer();
    const cookie = await server.as(DEMO.teacher);
    at = new CoursewareSite(server, cookie, 'demo-today-1');
  });

  after(() => server.close());

  const html = '<!doctype html><script>alert(1)</script>';
  const files: Readonly<Record<string, [() => Promise<Buffer | string> | Buffer | string, problem: string]>> =
    {
      'a program called .pdf': [() => Buffer.from('MZ\x90\0this program cannot be run'), 'file_kind_unknown'],
      'a web page called .svg': [() => html, 'file_kind_unknown'],
      'a PDF that is not complete': [() => pdf({ pages: 3 }).subarray(0, 900), 'file_damaged'],
      'a PNG that is not complete': [() => png(900, 900).subarray(0, -60), 'file_damaged'],
      'a JPEG that is not complete': [() => picture('mjpeg', 640, 360).subarray(0, 2_500), 'file_damaged'],
      'a WebP that is not complete': [() => picture('libwebp').subarray(0, 300), 'file_damaged'],
      'a picture of 20,000 by 20,000': [() => png(20_000, 20_000), 'picture_too_large'],
      'a PDF with a script': [() => pdf({ script: true }), 'file_active'],
      'a PDF with a script whose name is written otherwise': [
        () =>
          Buffer.from(
            pdf({ script: true }).toString('latin1').replace('/JavaScript', '/J#61vaScrip#74'),
            'latin1',
          ),
        'file_active',
      ],
      'a PDF of 201 pages': [() => pdf({ pages: 201 }), 'pages_too_many'],
      'slides that swell': [swellingSlides, 'file_swells'],
      'slides that are not complete': [
        async () => (await archive({ a: 'b' })).subarray(0, 60),
        'file_damaged',
      ],
      'an archive of other things': [() => archive({ 'word/document.xml': '<w/>' }), 'file_kind_unknown'],
      'an archive with a name that leads out of it': [outward, 'file_damaged'],
      'a drawing that swells': [swellingSvg, 'drawing_too_complex'],
      'a drawing with entities': [
        () =>
          `<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><text>&a;</text></svg>`,
        'file_damaged',
      ],
      'a drawing with a web page behind it': [() => SVG + html, 'file_damaged'],
    };

  for (const [name, [make, problem]] of Object.entries(files)) {
    it(`is refused by what it is: ${name}`, async () => {
      const made = await at.bring('lesson.pdf', await make());
      assert.deepEqual([made.problem, made.state, made.pages], [problem, 'refused', 0]);
    });
  }

  it('is refused by what it is: a PDF with a script among objects that are packed', async () => {
    const packed = (object: string) => {
      const stream = deflateSync(object);
      const head = `1 0 obj\n<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length ${stream.length}>>\nstream\n`;
      return Buffer.concat([Buffer.from(head), stream, Buffer.from('\nendstream\nendobj\n')]);
    };
    assert.equal(await hasScript(packed('4 0 <</S/JavaScript/JS(app.alert(1))>>')), true);
    assert.equal(await hasScript(packed('4 0 <</S/URI/URI(http://school.example)>>')), false);
  });

  for (const [name, svg] of Object.entries(ACTIVE_SVGS)) {
    it(`is refused by what it is: a drawing with ${name}`, () => {
      assert.throws(
        () => cleanSvg(svg),
        (error) => error instanceof FileRefused && error.problem === 'file_active',
      );
    });
  }

  it('has left nothing on the disk, nor on the board', async () => {
    for (const folder of ['courseware/uploads', 'courseware/workshop', 'objects/courseware-sources']) {
      await eventually(async () => (await readdir(join(server.directory, folder))).length === 0, folder);
    }
    const { lesson } = await server.lessons.open(at.lesson);
    assert.deepEqual(
      shownPages(lesson.state().board).map(({ kind }) => kind),
      ['blank'],
    );
  });

  it('cannot choose where it is written by its name', async () => {
    const made = await at.bring('../../../../etc/cron.d/x.svg', SVG);
    assert.equal(made.state, 'ready');
    assert.equal((await at.list()).at(-1)?.name, '../../../../etc/cron.d/x.svg'); // shown as a text, and nothing else
  });

  it('of a type that its name does not say is what it is, where that is harmless', async () => {
    assert.equal((await at.bring('photo.jpg', png(40, 30))).state, 'ready');
  });

  it('of a drawing keeps what is drawn, and nothing that reaches out', () => {
    const { text } = cleanSvg(SVG);
    assert.equal(cleanSvg(text).text, text, 'cleaned once is clean');
    assert.match(text, /<rect class="a" width="160" height="45"\/>/);
    assert.match(text, /\.a\{fill:#0a7;stroke:none\}/);
    assert.match(text, /༡ \+ ༢/);
    assert.doesNotMatch(text, /elsewhere|import|metadata|http:(?!\/\/www\.w3\.org\/2000\/svg)/);
  });

  it('is opened by programs that are stopped at their limits, with all they have started', async () => {
    const limits = { seconds: 1, patienceSeconds: 20, megabytes: 256, fileMegabytes: 1 };
    const signal = new AbortController().signal;
    const run = (script: string, patienceSeconds = 20) =>
      runTool({
        ...{ program: '/bin/sh', args: ['-c', script], folder: server.directory, signal },
        limits: { ...limits, patienceSeconds },
      });
    await assert.rejects(run('while :; do :; done'), ToolError);
    await assert.rejects(run('sleep 600 & sleep 600', 1), ToolError);
    await assert.rejects(
      run('head -c 3000000 /dev/zero > big'),
      (error) => error instanceof ToolError && error.wroteTooMuch,
    );
    const environment = await run('env');
    assert.doesNotMatch(environment, /MONGODB|SECRET|SESSION|npm_/);
    const child = (await run('sleep 600 & echo $!')).trim();
    await eventually(() => !isAlive(child), 'its child has ended');
  });
});

/** Who has ended and was not yet asked after by its parent does nothing any more. */
function isAlive(pid: string): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** Written by hand: no writer of archives makes such a name. */
async function outward(): Promise<Buffer> {
  const name = 'ppt/presentation.xml';
  const made = (await archive({ [name]: '<p/>' })).toString('latin1');
  return Buffer.from(made.replaceAll(name, '../../../tmp/rootkit'), 'latin1');
}
