import type { Browser, Locator, Page } from 'playwright-core';
import type { TextKey } from '../../../client/i18n/catalogue.ts';
import type { Language } from '../../../protocol/common.ts';
import { PAGE_HEIGHT, PAGE_WIDTH } from '../../../protocol/events.ts';
import { DEMO_PASSWORD } from '../../../server/demo/demo.ts';
import { eventually } from '../../support/eventually.ts';
import type { Scene } from './scene.ts';
import { hears, hearsNot, sees } from './senses.ts';
import { nameOf, text } from './texts.ts';

/** Waits that no page should need; longer than the machine's worst pause, shorter than a test. Milliseconds. */
export const PATIENCE_MS = 40_000;

export interface VisitOptions {
  readonly url: string;
  readonly username: string;
  readonly language: Language;
  readonly viewport: { readonly width: number; readonly height: number };
  /** Asked from a browser that refuses all but these. */
  readonly grants?: readonly string[];
  /** False: this browser keeps nothing of the application, and a test sees all that it asks for. */
  readonly kept?: boolean;
}

/** Somebody with a browser window. What they press they find by what it is called in their language. */
export class Visitor {
  readonly page: Page;
  readonly username: string;
  readonly language: Language;
  readonly url: string;
  /** What the page complained of: uncaught errors, and what went to the console as one. */
  readonly complaints: string[] = [];

  constructor(page: Page, { url, username, language }: VisitOptions) {
    this.page = page;
    this.url = url;
    this.username = username;
    this.language = language;
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => message.type() === 'error' && this.complaints.push(message.text()));
  }

  /** A window of their own, as on a device of their own. */
  static async window(browser: Browser, { viewport, grants = [], kept = true }: VisitOptions): Promise<Page> {
    const context = await browser.newContext({
      viewport,
      permissions: [...grants],
      serviceWorkers: kept ? 'allow' : 'block',
    });
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    return page;
  }

  say(key: TextKey, values?: Readonly<Record<string, string | number>>): string {
    return text(this.language, key, values);
  }

  name(username: string): string {
    return nameOf(username, this.language);
  }

  button(key: TextKey, values?: Readonly<Record<string, string | number>>): Locator {
    return this.page.getByRole('button', { name: this.say(key, values), exact: true });
  }

  /** The page's language is chosen by its address, as a school's bookmark does. */
  async go(path: string): Promise<void> {
    await this.page.goto(`${this.url}${path}?lang=${this.language}`);
  }

  async signIn(password = DEMO_PASSWORD): Promise<void> {
    const field = (key: TextKey) => this.page.getByRole('textbox', { name: this.say(key), exact: true });
    await field('signIn.username').fill(this.username);
    await field('signIn.password').fill(password);
    await this.button('signIn.submit').click();
  }

  /** Goes there by its address, signing in on the way. */
  async arrive(path: string): Promise<void> {
    await this.go(path);
    await this.signIn();
  }

  /** Presses what Today offers for the lesson called `title`. */
  async choose(step: 'teach' | 'join' | 'watch', title: string): Promise<void> {
    const name = `${this.say(`today.${step}`)} ${title}`;
    await this.page.getByRole('link', { name, exact: true }).click();
  }

  hears(scene: Scene, timeoutMs = PATIENCE_MS): Promise<void> {
    return hears(this.page, scene, this.username, timeoutMs);
  }

  hearsNot(scene: Scene): Promise<void> {
    return hearsNot(this.page, scene, this.username);
  }

  /** The picture of `username` is there and moves. */
  sees(username: string, scene: Scene, timeoutMs?: number): Promise<void> {
    return sees(this.pictureOf(username), scene, this.username, timeoutMs);
  }

  pictureOf(username: string): Locator {
    return this.page.getByLabel(this.say('lesson.pictureOf', { name: this.name(username) }), { exact: true });
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}

/** A place on the board, in its own units. */
export type Place = readonly [x: number, y: number];

/** Somebody in a lesson: they have its board before them. */
export class Participant extends Visitor {
  /** The board, showing the page of this number, from 1. */
  board(page: number): Locator {
    return this.page.getByRole('img', { name: this.say('lesson.boardOf', { n: page }), exact: true });
  }

  /** Which board this is, once it rests; null while it changes. */
  digest(page: number): Promise<string | null> {
    return this.board(page).getAttribute('data-digest');
  }

  async showsInk(page: number, place: Place, timeoutMs = 5_000): Promise<void> {
    await eventually(
      () => this.board(page).evaluate(hasInk, place),
      `${this.username} sees ink on page ${page} at ${place.join(', ')}`,
      timeoutMs,
    );
  }

  async showsNoInk(page: number, place: Place): Promise<void> {
    await eventually(
      async () => !(await this.board(page).evaluate(hasInk, place)),
      `${this.username} sees no ink on page ${page} at ${place.join(', ')}`,
    );
  }

  /** Puts the pen down and draws through these places; it stays down. */
  async draw(page: number, [first, ...rest]: readonly Place[]): Promise<void> {
    if (!first) return;
    const { mouse } = this.page;
    await mouse.move(...(await this.point(page, first)));
    await mouse.down();
    for (const place of rest) await mouse.move(...(await this.point(page, place)), { steps: 10 });
  }

  lift(): Promise<void> {
    return this.page.mouse.up();
  }

  async write(page: number, places: readonly Place[]): Promise<void> {
    await this.draw(page, places);
    await this.lift();
  }

  /** Where a place of the board is in the window. */
  async point(page: number, [x, y]: Place): Promise<Place> {
    const box = await this.board(page).boundingBox();
    if (!box) throw new Error(`${this.username} has no board in sight`);
    const width = Math.min(box.width, (box.height * PAGE_WIDTH) / PAGE_HEIGHT);
    const height = (width * PAGE_HEIGHT) / PAGE_WIDTH;
    const left = box.x + (box.width - width) / 2;
    const top = box.y + (box.height - height) / 2;
    return [left + (x / PAGE_WIDTH) * width, top + (y / PAGE_HEIGHT) * height];
  }
}

/** Whether there is ink within 12 board units of a place: on a phone a line is a pixel that lies across two. Runs in the page. */
function hasInk(board: Element, [x, y]: Place): boolean {
  return [...board.querySelectorAll('canvas')].some((canvas) => {
    const scale = canvas.width / 1920;
    const side = Math.max(2, Math.round(24 * scale));
    const context = canvas.getContext('2d');
    const data = context?.getImageData(x * scale - side / 2, y * scale - side / 2, side, side).data;
    return data?.some((value, i) => i % 4 === 3 && value > 64) ?? false;
  });
}

/** Resolves once all of them, at rest, show the very same board; gives its digest. */
export async function untilSameBoard(people: readonly Participant[], page: number): Promise<string> {
  let digests: (string | null)[] = [];
  await eventually(
    async () => {
      digests = await Promise.all(people.map((one) => one.digest(page)));
      return digests.every((digest) => digest !== null && digest === digests[0]);
    },
    `one board for ${people.map(({ username }) => username).join(', ')}`,
    PATIENCE_MS,
  );
  return digests[0] ?? '';
}
