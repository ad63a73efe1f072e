import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import { routes } from '../../../protocol/api.ts';
import type { Replay } from '../../../protocol/replay.ts';
import { NO_EDIT } from '../../../protocol/replay-edit.ts';
import { DEMO_PASSWORD, FINISHED_LESSON } from '../../../server/demo/demo.ts';
import { get, signIn } from '../../support/client.ts';
import { eventually } from '../../support/eventually.ts';
import { DEMO } from '../../support/server.ts';
import { Visitor } from '../support/visitor.ts';
import { isOpenToAll, speaks } from '../support/well.ts';

const PATH = `/lessons/${FINISHED_LESSON}`;

interface Lent {
  readonly url: string;
  readonly browser: Browser;
  readonly replay: Replay;
}

/** What a teacher does with a lesson once it is over, and who then finds it. */
export function afterTests(lent: () => Lent): void {
  let url: string;
  let browser: Browser;
  let replay: Replay;

  before(() => {
    ({ url, browser, replay } = lent());
  });

  const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
  const shownTime = (page: Page) =>
    page.locator('main[data-time]').evaluate((main: HTMLElement) => Number(main.dataset.time));

  async function open(username: string, cookie?: string): Promise<Visitor> {
    const options = {
      url,
      username,
      language: 'en' as const,
      viewport: { width: 1280, height: 800 },
    };
    const page = await Visitor.window(browser, options);
    const [name = '', value = ''] = (cookie ?? '').split('=');
    if (cookie) await page.context().addCookies([{ name, value, url }]);
    return new Visitor(page, options);
  }
  async function isWell(visitor: Visitor, face: string): Promise<void> {
    await speaks(visitor, face);
    await isOpenToAll(visitor, face);
  }

  it('is divided, published, shared and taken away, on pages that speak and are open to all', async () => {
    const cookies = { dolma: await signIn(url, DEMO.teacher, DEMO_PASSWORD), admin: '' };
    cookies.admin = await signIn(url, 'admin', DEMO_PASSWORD);
    const split = replay.from + 60_000;
    const saved = await fetch(`${url}/api/v1${PATH}/edit`, {
      method: 'POST',
      headers: { cookie: cookies.dolma, 'content-type': 'application/json' },
      body: JSON.stringify({
        revision: 0,
        edit: { ...NO_EDIT, splits: [split], partTitles: [null, '四分之一'] },
      }),
    });
    assert.equal(saved.status, 200, await saved.text());

    const teacher = await open(DEMO.teacher, cookies.dolma);
    await teacher.go(`/after/${FINISHED_LESSON}`);
    await teacher.page.getByRole('tab', { name: teacher.say('after.tab.publish') }).click();
    await teacher.page.getByRole('radio', { name: teacher.say('after.audiences.library') }).click();
    await teacher.button('after.shareMake').click();
    const link = await teacher.page.getByText(/\/shared#/).innerText();
    await isWell(teacher, 'publish');
    await teacher.page.getByRole('tab', { name: teacher.say('after.tab.captions') }).click();
    const chooses = (text: string, encoding: BufferEncoding) =>
      teacher.page.locator('input[type=file]').setInputFiles({
        ...{ name: '课.vtt', mimeType: 'text/vtt' },
        buffer: Buffer.concat([
          Buffer.from('WEBVTT\n\n00:01.000 --> 00:03.000\n'),
          Buffer.from(text, encoding),
        ]),
      });
    await chooses('cdacd1a7c3c7bac3', 'hex'); // 同学们好 in GBK, as many a program here still writes
    await teacher.page.getByText(teacher.say('after.captionsEncoding', { encoding: 'UTF-8' })).waitFor();
    await chooses('同学们好\n\n00:09.000 --> 00:04.000\nx', 'utf8');
    await teacher.page.getByText(teacher.say('after.captionsRefused', { line: 6 })).waitFor();
    await teacher.page.getByRole('tab', { name: teacher.say('after.tab.merge') }).click();
    await teacher.page.getByText(teacher.say('after.merging.none')).waitFor();
    await teacher.page.getByRole('tab', { name: teacher.say('after.tab.take') }).click();
    await teacher.button('after.packageMake').waitFor();
    const archive = teacher.page.waitForEvent('download');
    await teacher.page
      .getByRole('button', { name: /^Download/ })
      .first()
      .click();
    assert.match((await archive).suggestedFilename(), /^tongke-.*\.zip$/);
    await isOpenToAll(teacher, 'take-away'); // it names index.html, which looks like a key
    await teacher.close();

    const guest = await open('nobody');
    await guest.page.goto(link.replace('/shared#', '/shared?lang=en#'));
    await guest.page.getByRole('link', { name: /^四分之一 · / }).click();
    await eventually(async () => (await shownTime(guest.page)) === split, 'the second part begins');
    await button(guest.page, 'Watch').click();
    await eventually(async () => (await shownTime(guest.page)) > split + 1_500, 'it plays', 20_000);
    assert.equal(await guest.page.getByRole('tab', { name: 'Notes' }).count(), 0);
    const left = await shownTime(guest.page);
    await guest.page.reload();
    await guest.page.getByRole('button', { name: /^Go on at / }).waitFor();
    assert.ok((await shownTime(guest.page)) >= left - 1_000, 'a guest goes on where they left');
    const shares = `${PATH}/shares`;
    const [share] = routes['share.list'].output.parse(await get(url, shares, cookies.dolma)).shares;
    await fetch(`${url}/api/v1${shares}/${share?.id}`, {
      method: 'DELETE',
      headers: { cookie: cookies.dolma },
    });
    await guest.page.reload();
    await guest.page.getByText(guest.say('error.share_ended')).waitFor();
    await guest.close();

    const admin = await open('admin', cookies.admin);
    await admin.go('/library');
    await admin.page.getByRole('link', { name: /^Watch / }).waitFor();
    await isWell(admin, 'library');
    await admin.close();
  });

  it('is edited without losing what is prepared, whatever is looked at, lost on the way or saved elsewhere meanwhile', async () => {
    const cookie = await signIn(url, DEMO.teacher, DEMO_PASSWORD);
    const teacher = await open(DEMO.teacher, cookie);
    const { page } = teacher;
    const divide = async (seconds: number) => {
      const place = page.getByRole('slider', { name: teacher.say('after.position') });
      await place.fill(String(replay.from + seconds * 1_000));
      await eventually(async () => (await place.getAttribute('aria-valuetext')) !== '0:00', 'is there');
      await teacher.button('after.splitHere').click();
    };
    const part = (n: number) => page.getByText(new RegExp(`^Part ${n} begins at `));
    let isLost = true;
    await page.route('**/replays/*/log', (route) => (isLost ? route.abort() : route.continue()));
    await teacher.go(`/after/${FINISHED_LESSON}`);
    await page.getByText(teacher.say('after.failed')).waitFor();
    isLost = false;
    await teacher.button('after.endHere').click();
    await page.getByText(teacher.say('after.tooShort')).waitFor();

    await divide(70);
    await part(3).waitFor();
    const foot = teacher.button('after.undo');
    const isSeen = async () =>
      ((await part(3).boundingBox())?.y ?? 900) + 24 < ((await foot.boundingBox())?.y ?? 0);
    await eventually(isSeen, 'what a press has done is seen');
    await page.getByRole('tab', { name: teacher.say('after.tab.publish') }).click();
    await page.getByRole('tab', { name: teacher.say('after.tab.edit') }).click();
    await part(3).waitFor();
    await page.getByRole('link', { name: teacher.say('after.back') }).click();
    await page.getByText(teacher.say('after.unsaved')).waitFor();
    await page.goBack();
    await part(3).waitFor();

    const save = teacher.button('after.save');
    await page.route('**/edit', async (route) => {
      if (route.request().method() === 'POST') await route.fetch();
      await route.abort();
    });
    await save.click();
    await page.getByRole('alert').waitFor();
    await page.unroute('**/edit');
    await save.click();
    await page.getByText(teacher.say('after.savedPlain'), { exact: true }).waitFor();
    await eventually(() => save.isDisabled(), 'it had been saved');

    await divide(80);
    await part(4).waitFor();
    const { revision } = routes['edit.show'].output.parse(await get(url, `${PATH}/edit`, cookie));
    const elsewhere = { ...NO_EDIT, splits: [replay.from + 60_000], partTitles: [null, '四分之一'] };
    await fetch(`${url}/api/v1${PATH}/edit`, {
      method: 'POST',
      headers: { cookie, 'content-type': 'application/json' },
      body: JSON.stringify({ revision, edit: elsewhere }),
    });
    await save.click();
    await page.getByText(teacher.say('after.outdated')).waitFor();
    assert.deepEqual([await part(2).count(), await part(3).count()], [1, 0], 'it is shown as it is now');
    teacher.complaints.length = 0; // of what was lost, and refused, on purpose
    await isWell(teacher, 'edit, changed elsewhere');
    await teacher.button('after.undo').click();
    await part(4).waitFor();
    assert.equal(await save.isEnabled(), true);
    await teacher.close();
  });

  it('is brought by schools that are trusted, and its failures are told and tried again', async () => {
    const cookie = await signIn(url, 'admin', DEMO_PASSWORD);
    const admin = await open('admin', cookie);
    await admin.go('/courier');
    await admin.page.getByText(/^([0-9a-f]{4} ){15}[0-9a-f]{4}$/).waitFor();
    await isWell(admin, 'courier');
    await admin.page.getByLabel(admin.say('after.courier.schoolName')).fill('远方小学');
    const fingerprint = admin.page.getByLabel(admin.say('after.courier.fingerprint'));
    await fingerprint.fill(Array(16).fill('abcd').join(' '));
    assert.ok(await fingerprint.evaluate((field) => field.scrollWidth <= field.clientWidth), 'is seen whole');
    await fingerprint.fill('12ab 34cd');
    await admin.button('after.courier.trust').click();
    await admin.page.getByText(admin.say('after.courier.mistyped')).waitFor();
    await isWell(admin, 'courier, mistyped');
    await admin.go('/devices/storage');
    await admin.page.getByText(admin.say('storage.disk')).waitFor();
    await isWell(admin, 'space');
    await admin.page.route('**/api/v1/storage', async (route) => {
      const answer = await (await route.fetch()).json();
      const about = { title: { 'zh-CN': '认识分数', bo: 'ཆ་གྲངས།', en: 'Fractions' }, startsAt: 1 };
      for (const { id, damaged } of answer.data.schools)
        if (id === 'demo-hub')
          damaged.push({ lesson: FINISHED_LESSON, what: 'picture', outcome: 'failed', at: 1, ...about });
      await route.fulfill({ json: answer });
    });
    const made = async () => {
      const { state } = routes['replay.show'].output.parse(await get(url, `${PATH}/replay`, cookie));
      return state.picture === 'ready';
    };
    await eventually(made, 'nothing to be left to make', 40_000);
    await admin.page.reload();
    await admin.page.getByRole('button', { name: admin.say('action.retry') }).click();
    await admin.page.getByText(/“Fractions” .* cannot be made again/).waitFor();
    await isWell(admin, 'space with what failed');
    await admin.close();
  });
}
