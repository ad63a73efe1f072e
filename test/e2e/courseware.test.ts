import assert from 'node:assert/strict';
import type { Browser, Locator } from 'playwright-core';
import type { LessonSummary } from '../../protocol/api.ts';
import { DEMO_PASSWORD } from '../../server/demo/demo.ts';
import { get, signIn } from '../support/client.ts';
import { pdf, picture } from '../support/courseware-files.ts';
import { eventually } from '../support/eventually.ts';
import { DEMO, startTestServer, type TestServer } from '../support/server.ts';
import { openBrowser } from './support/browser.ts';
import { SeatPage, TeacherPage } from './support/people.ts';
import { AT_THE_HUB } from './support/scene.ts';
import { shot } from './support/shots.ts';
import { type Participant, untilSameBoard } from './support/visitor.ts';
import { isOpenToAll } from './support/well.ts';

const SLIDES = { name: 'Fractions.pdf', mimeType: 'application/pdf', buffer: pdf({ pages: 3 }) };

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

  it('is on every screen of the lesson, beneath the ink', async () => {
    await teacher.page.getByRole('link', { name: teacher.say('prepare.teach') }).click();
    await teacher.start();
    student = await SeatPage.open(browser, { url: server.url, language: 'bo' });
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

  it('comes in the middle of a lesson as well, and turns nobody’s page', async () => {
    await teacher.button('teach.page.add').click();
    await teacher.button('prepare.bringAny').click();
    const photo = { name: 'photo.jpg', mimeType: 'image/jpeg', buffer: picture('mjpeg', 640, 480) };
    await teacher.page.locator('input[type=file]').setInputFiles(photo);
    await teacher.page.getByText(teacher.say('prepare.ready', { n: 1 })).waitFor({ timeout: 60_000 });
    await shot(teacher, 'courseware-live');
    await teacher.page.keyboard.press('Escape');
    await teacher.button('teach.page.next').click();
    await Promise.all([showsFile(teacher, teacher.board(2)), showsFile(student, student.board(2))]);
  });

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
