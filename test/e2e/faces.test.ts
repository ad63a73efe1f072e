import type { Browser } from 'playwright-core';
import type { LessonSummary } from '../../protocol/api.ts';
import { Language } from '../../protocol/common.ts';
import { DEMO_PASSWORD } from '../../server/demo/demo.ts';
import { get, signIn } from '../support/client.ts';
import { DEMO, startTestServer, type TestServer } from '../support/server.ts';
import { openBrowser } from './support/browser.ts';
import { RoomPage, SeatPage, TeacherPage } from './support/people.ts';
import { AT_THE_HUB } from './support/scene.ts';
import { shot } from './support/shots.ts';
import { isOpenToAll, speaks } from './support/well.ts';

describe('the pages, as they are served', function () {
  this.timeout(90_000);
  this.bail(true);
  let server: TestServer;
  let browser: Browser;
  let lesson: string;

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

  for (const language of Language.options) {
    const opening = () => ({ url: server.url, language });

    it(`tell a wrong password from nothing else, in ${language}`, async () => {
      const teacher = await TeacherPage.open(browser, opening());
      await teacher.go('/');
      await teacher.button('signIn.submit').waitFor();
      await speaks(teacher, 'signin');
      await isOpenToAll(teacher, 'signin');
      await teacher.signIn('not-the-password');
      await teacher.page.getByRole('alert').getByText(teacher.say('error.wrong_password')).waitFor();
      teacher.complaints.length = 0; // the browser's own line for a request that was refused
      await teacher.signIn();
      await teacher.page.getByRole('heading', { name: teacher.say('today.title'), exact: true }).waitFor();
      await speaks(teacher, 'today');
      await isOpenToAll(teacher, 'today');
      await teacher.close();
    });
  }

  it('say what to do about a camera that the browser refuses, and let the lesson begin without', async () => {
    const refusing = await openBrowser(AT_THE_HUB, 'refusing');
    try {
      for (const language of Language.options) {
        const teacher = await TeacherPage.open(refusing, {
          url: server.url,
          language,
          grants: ['microphone'],
        });
        await teacher.arrive(`/teach/${lesson}`);
        await teacher.page.getByRole('alert').getByText(teacher.say('device.camera_refused')).waitFor();
        await teacher.page.getByText(teacher.say('teach.preview.heard'), { exact: true }).waitFor();
        await shot(teacher, 'refused');
        if (language === Language.options.at(-1)) await teacher.start();
        await teacher.close();
      }
    } finally {
      await refusing.close();
    }
  });

  for (const language of Language.options) {
    it(`hold in a lesson, in ${language}`, async () => {
      const opening = { url: server.url, language };
      const teacher = await TeacherPage.open(browser, opening);
      const student = await SeatPage.open(browser, opening);
      const room = await RoomPage.open(browser, opening);
      const people = [teacher, student, room];
      await teacher.arrive(`/teach/${lesson}`);
      await student.arrive(`/seat/${lesson}`);
      await room.arrive('/room');
      await Promise.all(people.map((one) => one.board(1).waitFor()));
      await teacher.sees(DEMO.teacher, AT_THE_HUB); // it is over with opening and joining
      for (const [face, one] of Object.entries({ teach: teacher, seat: student, room })) {
        await speaks(one, face);
        await isOpenToAll(one, face);
      }
      await Promise.all(people.map((one) => one.close()));
    });
  }
});
