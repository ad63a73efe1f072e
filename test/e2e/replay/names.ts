import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { routes } from '../../../protocol/api.ts';
import type { Replay } from '../../../protocol/replay.ts';
import { DEMO_PASSWORD, FINISHED_LESSON } from '../../../server/demo/demo.ts';
import { get, signIn } from '../../support/client.ts';
import { DEMO } from '../../support/server.ts';
import { Visitor } from '../support/visitor.ts';
import { speaks } from '../support/well.ts';

const EDIT = `/lessons/${FINISHED_LESSON}/edit`;
/** As long as a name may be, and nowhere to break it. */
const LONG = 'M'.repeat(80);

interface Lent {
  readonly url: string;
  readonly browser: Browser;
  readonly replay: Replay;
}

/** What a teacher calls places and parts of a lesson, at its worst. */
export function namesTests(lent: () => Lent): void {
  let cookie: string;

  before(async () => {
    const { url, replay } = lent();
    cookie = await signIn(url, DEMO.teacher, DEMO_PASSWORD);
    const { revision, edit } = routes['edit.show'].output.parse(await get(url, EDIT, cookie));
    const splits = [replay.from + 60_000];
    const chapters = [{ t: replay.from + 30_000, title: LONG }];
    const saved = await fetch(`${url}/api/v1${EDIT}`, {
      method: 'POST',
      headers: { cookie, 'content-type': 'application/json' },
      body: JSON.stringify({ revision, edit: { ...edit, chapters, splits, partTitles: [LONG, LONG] } }),
    });
    assert.equal(saved.status, 200);
  });

  for (const [language, width, height] of [
    ['en', 360, 740],
    ['bo', 360, 740],
    ['zh-CN', 1280, 800],
    ['en', 1920, 1080],
  ] as const)
    it(`has room for names as long as they may be, in ${language} at ${width} pixels`, async () => {
      const { url, browser } = lent();
      const options = { url, username: DEMO.teacher, language, viewport: { width, height } };
      const page = await Visitor.window(browser, options);
      const [name = '', value = ''] = cookie.split('=');
      await page.context().addCookies([{ name, value, url }]);
      const visitor = new Visitor(page, options);

      await visitor.go(`/after/${FINISHED_LESSON}`);
      await page.getByText(LONG).first().waitFor();
      assert.deepEqual(await page.evaluate(whatSticksOut), [], 'after');
      await speaks(visitor, 'long names after');
      const box = await visitor.button('after.save').boundingBox();
      assert.ok(box && box.x >= 0 && box.x + box.width <= width, 'Save');
      const tabs = await page
        .getByRole('tab')
        .evaluateAll((all) => all.map((tab) => tab.getBoundingClientRect().right));
      assert.ok(tabs.length === 5 && Math.max(...tabs) <= width, `tabs: ${tabs}`);

      await visitor.go(`/watch/${FINISHED_LESSON}`);
      await page.getByRole('link').filter({ hasText: LONG }).first().waitFor();
      await page.getByRole('button').filter({ hasText: LONG }).first().waitFor();
      assert.deepEqual(await page.evaluate(whatSticksOut), [], 'watch');
      await speaks(visitor, 'long names watch');
      await page.context().close();
    });
}

/** What is wider than what it stands in, and is not kept in it. Runs in the page. */
function whatSticksOut(): string[] {
  return [document.documentElement, ...document.querySelectorAll('main, main *')]
    .filter(({ scrollWidth, clientWidth }) => clientWidth > 1 && scrollWidth > clientWidth + 1)
    .filter((one) => one.textContent.includes('MMMM'))
    .filter((one) => !/hidden|clip/.test(getComputedStyle(one).overflowX))
    .map((one) => `${one.tagName}.${one.className} ${one.scrollWidth} > ${one.clientWidth}`);
}
