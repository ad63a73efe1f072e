import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { Browser, Locator } from 'playwright-core';
import type { LessonSummary } from '../../protocol/api.ts';
import { DEMO_PASSWORD } from '../../server/demo/demo.ts';
import { get, signIn } from '../support/client.ts';
import { pdf, picture } from '../support/courseware-files.ts';
import { eventually } from '../support/eventually.ts';
import { DEMO, startTestServer, type TestServer } from '../support/server.ts';
import { openBrowser } from './support/browser.ts';
import { SeatPage, TeacherPage, WatchPage } from './support/people.ts';
import { AT_THE_HUB } from './support/scene.ts';
import { shot } from './support/shots.ts';
import { watchText } from './support/texts.ts';
import { type Participant, untilSameBoard } from './support/visitor.ts';
import { isOpenToAll } from './support/well.ts';

const SLIDES = {
  name: 'Fractions.pdf',
  mimeType: 'application/pdf',
  buffer: pdf({ pages: 3 }),
};

/** What a file would need to run something, fetch something or lead somewhere. */
const RUNS =
  /<script|\son\w+=|javascript:|https?:\/\/(?!www\.w3\.org)|\/(JS|JavaScript|OpenAction|AA|URI|Launch|EmbeddedFile)\b|app\.alert/;

describe('courseware in a browser', function () {
  this.timeout(120_000);
  this.bail(true);
  let server: TestServer;
  let browser: Browser;
  let lesson: string;
  let teacher: TeacherPage;
  let student: SeatPage;

  before(async () => {
    [server, browser] = await Promise.all([startTestServer(), openBrowser(AT_THE_HUB)]);
    const cookie = await signIn(server.url, DEMO.teacher, DEMO_PASSWORD);
    const { lessons } = await get<{ lessons: LessonSummary[] }>(server.url, '/lessons', cookie);
    lesson = lessons.find(({ state, part }) => state === 'ready' && part === 'lead')?.id ?? '';
  });

  after(async () => {
    await browser?.close();
    await server?.close();
  });

  /** The picture beneath the ink of the page that is shown, once it is whole. */
  async function showsFile(who: { page: Participant['page'] }, board: Locator): Promise<void> {
    const name = `${'username' in who ? who.username : ''} sees the page's file`;
    const file = board.locator('img');
    await eventually(() => file.evaluateAll(anyWhole), name, 20_000);
  }

  it('is brought to a lesson to come, and becomes its pages', async () => {
    teacher = await TeacherPage.open(browser, { url: server.url, language: 'en' });
    await teacher.arrive(`/prepare/${lesson}`);
    await teacher.board(1).waitFor();
    await teacher.page.locator('input[type=file]').setInputFiles(SLIDES);
    await teacher.page.getByText(teacher.say('prepare.ready', { n: 3 })).waitFor({ timeout: 60_000 });
    await teacher.page.getByRole('row', { name: teacher.say('teach.page.page', { n: 3 }) }).waitFor();
    await showsFile(teacher, teacher.board(1));
    await shot(teacher, 'prepare');
    await isOpenToAll(teacher, 'prepare');
  });

  it('is refused in words where it is something else', async () => {
    const wrong = { name: 'Map.pdf', mimeType: 'application/pdf', buffer: Buffer.from('MZ not a PDF') };
    await teacher.page.locator('input[type=file]').setInputFiles(wrong);
    await teacher.page.getByText(teacher.say('error.file_kind_unknown')).waitFor();
    await shot(teacher, 'prepare-refused');
    await teacher.button('prepare.dismiss', { name: 'Map.pdf' }).click();
    await teacher.page.getByText(teacher.say('error.file_kind_unknown')).waitFor({ state: 'detached' });
  });

  it('is put in order with the keyboard alone, and deleted with undo', async () => {
    const before = await order();
    const { keyboard } = teacher.page;
    await teacher.page.getByRole('row', { name: teacher.say('teach.page.current', { n: 1 }) }).focus();
    await keyboard.press('End');
    await keyboard.press('Tab');
    assert.equal(await focused(), teacher.say('prepare.dragged', { n: 3 }));
    await keyboard.press('Enter');
    await eventually(async () => /Insert/.test(await focused()), 'a place to drop it is told');
    for (let i = 0; i < 8 && !/before.*1/.test(await focused()); i++) await keyboard.press('ArrowLeft');
    await keyboard.press('Enter');
    await eventually(async () => (await order())[0] === before[2], 'the third page is the first');
    assert.deepEqual(await order(), [before[2], before[0], before[1]]);
    await teacher.button('teach.tool.undo').click();
    await eventually(async () => (await order())[2] === before[2], 'it is the third again');
  });

  it('has a graph put over it, whose formula is changed where it lies', async () => {
    const formulas = teacher.page.getByRole('textbox', { name: teacher.say('plot.functions') });
    const more = teacher.page.getByRole('button', { name: new RegExp(`^${teacher.say('board.tool.more')}`) });
    await more.click();
    await teacher.button('plot.graph').click();
    await formulas.fill('x');
    await teacher.button('plot.insert').click();
    await more.click();
    await teacher.page
      .getByRole('dialog', { name: teacher.say('board.tool.more') })
      .getByRole('radio', { name: teacher.say('board.tool.select'), exact: true })
      .click();
    const middle = await teacher.point(1, [960, 540]);
    await teacher.page.mouse.click(...middle);
    await teacher.button('board.selection.change').click();
    assert.equal(await formulas.inputValue(), 'x');
    await formulas.fill('x^2 / 2\n3 - x');
    await shot(teacher, 'plot-change');
    const change = { name: teacher.say('board.selection.change'), exact: true };
    await teacher.page.getByRole('dialog').getByRole('button', change).click();
    await teacher.button('board.selection.change').click();
    assert.equal(await formulas.inputValue(), 'x^2 / 2\n3 - x');
    await teacher.page.keyboard.press('Escape');
    await teacher.button('board.selection.delete').click();
    await teacher.button('board.selection.delete').waitFor({ state: 'detached' });
  });

  it('is on every screen of the lesson, beneath the ink', async () => {
    await teacher.page.getByRole('link', { name: teacher.say('prepare.teach') }).click();
    await teacher.start();
    student = await SeatPage.open(browser, { url: server.url, language: 'bo', kept: false });
    await student.arrive(`/seat/${lesson}`);
    await Promise.all([showsFile(teacher, teacher.board(1)), showsFile(student, student.board(1))]);
    await teacher.write(1, [
      [300, 300],
      [900, 500],
    ]);
    await student.showsInk(1, [600, 400]);
    await untilSameBoard([teacher, student], 1);
    await Promise.all([shot(teacher, 'courseware-teach'), shot(student, 'courseware-seat')]);
  });

  it('comes in the middle of a lesson as well, turns nobody’s page, and is asked for again where it did not come', async () => {
    await teacher.button('teach.page.add').click();
    await teacher.button('prepare.bringAny').click();
    const photo = { name: 'photo.jpg', mimeType: 'image/jpeg', buffer: picture('mjpeg', 640, 480) };
    await teacher.page.locator('input[type=file]').setInputFiles(photo);
    await teacher.page.getByText(teacher.say('prepare.ready', { n: 1 })).waitFor({ timeout: 60_000 });
    await shot(teacher, 'courseware-live');
    await teacher.page.keyboard.press('Escape');
    const lost = '**/courseware/*/*';
    await student.page.route(lost, (route) => route.abort());
    await teacher.button('teach.page.next').click();
    await showsFile(teacher, teacher.board(2));
    const failed = student.page.getByText(student.say('prepare.fileFailed'));
    await failed.waitFor();
    await shot(student, 'courseware-failed');
    await student.page.unroute(lost);
    await student.button('action.retry').click();
    await showsFile(student, student.board(2));
    await failed.waitFor({ state: 'detached' });
  });

  it('is saved with what was written over it: drawings as lines, photographs as pictures, and nothing that runs', async () => {
    const document = (await saved('board.pages.saveAll', 'board.pages.asPdf')).toString('latin1');
    const count = (what: RegExp) => document.match(what)?.length ?? 0;
    assert.equal(count(/\/Type\/Page\/Parent/g), 4, 'as many as there are');
    assert.equal(count(/\/Subtype\/Form/g), 3, 'drawings');
    assert.equal(count(/\/DCTDecode/g), 1, 'the photograph');
    assert.doesNotMatch(document, RUNS);
    await teacher.button('teach.page.previous').click();
    await showsFile(teacher, teacher.board(1));
    const page = (await saved('board.pages.savePage', 'board.pages.asSvg')).toString();
    const [, beneath = ''] = /<image [^>]*href="data:image\/svg\+xml;base64,([^"]+)"/.exec(page) ?? [];
    const drawing = Buffer.from(beneath, 'base64').toString();
    assert.match(drawing, /^<svg [\s\S]*<\/svg>$/);
    assert.equal((page.match(/<path/g)?.length ?? 0) > 0, true, 'the ink');
    for (const text of [page, drawing]) assert.doesNotMatch(text, RUNS);
  });

  it('is in the replay, beneath the ink that was written over it', async () => {
    const written = await untilSameBoard([teacher, student], 1);
    await teacher.end();
    await teacher.page.getByRole('link', { name: teacher.say('teach.ended.watch') }).click();
    const watch = new WatchPage(teacher);
    await teacher.page.locator('main[data-digest]').waitFor();
    await eventually(
      () => teacher.page.locator('main img').evaluateAll(anyWhole),
      'the page’s file is seen in the replay',
      20_000,
    );
    const slider = teacher.page.getByRole('slider', { name: watchText('en', 'position'), exact: true });
    await slider.fill((await slider.getAttribute('max')) ?? '');
    await eventually(
      async () => (await watch.instant()).digest === written,
      'its last board is the one that was written',
    );
    await shot(teacher, 'courseware-watch');
  });

  async function saved(
    what: 'board.pages.savePage' | 'board.pages.saveAll',
    as: 'board.pages.asPdf' | 'board.pages.asSvg',
  ): Promise<Buffer> {
    const { page } = teacher;
    await page.getByRole('button', { name: new RegExp(`^${teacher.say('teach.page.label')} \\d`) }).click();
    await teacher.button('board.pages.save').click();
    const coming = page.waitForEvent('download');
    const part = page.getByRole('group', { name: teacher.say(what), exact: true });
    await part.getByRole('menuitem', { name: teacher.say(as), exact: true }).click();
    const file = await readFile(await (await coming).path());
    await page.keyboard.press('Escape');
    return file;
  }

  function focused(): Promise<string> {
    return teacher.page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? '');
  }

  function order(): Promise<string[]> {
    return teacher.page
      .locator('[role=grid] [role=row]')
      .evaluateAll((rows) => rows.map((row) => row.getAttribute('data-key') ?? ''));
  }
});

/** Runs in the page. */
function anyWhole(images: Element[]): boolean {
  return images.some(
    (image) => image instanceof HTMLImageElement && image.complete && image.naturalWidth > 0,
  );
}
