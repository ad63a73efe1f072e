import assert from 'node:assert/strict';
import type { Browser, Locator } from 'playwright-core';
import type { WatchText } from '../../../client/replay/i18n.ts';
import type { Language } from '../../../protocol/common.ts';
import type { LogEntry } from '../../../protocol/events.ts';
import { digest, EMPTY_LESSON, reduce } from '../../../protocol/lesson.ts';
import type { Replay } from '../../../protocol/replay.ts';
import { eventually } from '../../support/eventually.ts';
import { DEMO } from '../../support/server.ts';
import { watchText } from './texts.ts';
import { Participant, type VisitOptions, Visitor } from './visitor.ts';

/** Ink may be this far from the voice it belongs to, milliseconds. */
const SYNC_MS = 150;

type Opening = Omit<VisitOptions, 'username' | 'viewport'>;

/** The lead teacher at a laptop. */
export class TeacherPage extends Participant {
  static async open(browser: Browser, opening: Opening): Promise<TeacherPage> {
    const options = { ...opening, username: DEMO.teacher, viewport: { width: 1280, height: 800 } };
    return new TeacherPage(await Visitor.window(browser, options), options);
  }

  /** How loud the preview says the microphone is, 0 to 100. */
  async level(): Promise<number> {
    const meter = this.page.getByRole('meter', { name: this.say('teach.preview.microphone'), exact: true });
    return Number(await meter.getAttribute('aria-valuenow'));
  }

  preview(): Locator {
    return this.page.getByLabel(this.say('teach.preview.yourPicture'), { exact: true });
  }

  async start(): Promise<void> {
    await this.button('teach.preview.start').click();
    // Before what draws it has come, nothing can be written on a board.
    await this.board(1).locator('canvas').first().waitFor();
  }

  async addPage(kind: 'blank' | 'grid'): Promise<void> {
    await this.button('teach.page.add').click();
    await this.button(`board.paper.${kind}`).click();
  }

  saved(): Locator {
    return this.page.getByText(this.say('teach.top.saved'), { exact: true });
  }

  async openChat(): Promise<void> {
    await this.page.getByRole('tab', { name: this.say('teach.people.chat') }).click();
  }

  async end(): Promise<void> {
    await this.button('teach.top.end').click();
    const question = this.page.getByRole('alertdialog', { name: this.say('teach.end.title'), exact: true });
    await question.getByRole('button', { name: this.say('teach.end.confirm'), exact: true }).click();
  }
}

/** A classroom's large screen. */
export class RoomPage extends Participant {
  static async open(browser: Browser, opening: Opening): Promise<RoomPage> {
    const options = { ...opening, username: DEMO.room, viewport: { width: 1920, height: 1080 } };
    return new RoomPage(await Visitor.window(browser, options), options);
  }

  /** With the room's password: pairing by a code has a test of its own. */
  override async signIn(password?: string): Promise<void> {
    await this.page.getByRole('link', { name: this.say('pairing.password'), exact: true }).click();
    await super.signIn(password);
  }
}

/** A student with a phone. */
export class SeatPage extends Participant {
  static async open(browser: Browser, opening: Opening): Promise<SeatPage> {
    const options = { ...opening, username: DEMO.student, viewport: { width: 360, height: 740 } };
    return new SeatPage(await Visitor.window(browser, options), options);
  }

  async chat(line: string): Promise<void> {
    await this.page.getByRole('textbox', { name: this.say('chat.label'), exact: true }).fill(line);
    await this.button('action.send').click();
  }
}

/** One instant of a replay, read in one go so that nothing moves in between. Lesson time in milliseconds. */
export interface Instant {
  readonly time: number;
  readonly digest: string | null;
  readonly state: string;
  /** The media element's own position, seconds. */
  readonly media: number;
}

/** A finished lesson in whoever's window it is watched. */
export class WatchPage {
  readonly visitor: Visitor;
  readonly language: Language;

  constructor(visitor: Visitor) {
    this.visitor = visitor;
    this.language = visitor.language;
  }

  button(key: WatchText, values?: Readonly<Record<string, string | number>>): Locator {
    const name = watchText(this.language, key, values);
    return this.visitor.page.getByRole('button', { name, exact: true });
  }

  /** Chooses what is played from the menu of what there is. */
  async choose(watching: 'voice' | 'picture'): Promise<void> {
    const { page } = this.visitor;
    await page.getByRole('button', { name: watchText(this.language, 'watching') }).click();
    const name = watchText(this.language, watching === 'voice' ? 'voice' : 'picturesToo');
    await page.getByRole('menuitemradio', { name: new RegExp(`^${name}`) }).click();
  }

  picture(): Locator {
    return this.visitor.page.getByLabel(watchText(this.language, 'picture'), { exact: true });
  }

  instant(): Promise<Instant> {
    return this.visitor.page.locator('main[data-time]').evaluate((element: HTMLElement) => ({
      time: Number(element.dataset.time),
      digest: element.dataset.digest ?? null,
      state: element.dataset.state ?? '',
      media: element.querySelector('video')?.currentTime ?? -1,
    }));
  }

  /** What is shown at one instant is the log's ink of that very time, and the voice within the bound. */
  async matches(replay: Replay, log: readonly LogEntry[]): Promise<void> {
    let seen = await this.instant();
    await eventually(async () => {
      seen = await this.instant();
      return seen.digest !== null;
    }, 'the board says which it is');
    const written = log.filter(({ t }) => t <= seen.time).reduce(reduce, EMPTY_LESSON);
    assert.equal(seen.digest, digest(written.board), `ink at ${seen.time}`);
    const off = Math.abs(replay.from + seen.media * 1000 - seen.time);
    assert.ok(off <= SYNC_MS, `ink is ${off} ms from the voice at ${seen.time}`);
  }

  /** By the scrubber, as a keyboard or a screen reader sets it. `from` is the lesson time at which the replay begins. */
  async seek(from: number, t: number): Promise<void> {
    const name = watchText(this.language, 'position');
    await this.visitor.page.getByRole('slider', { name, exact: true }).fill(String(t - from));
  }
}

/** Times of a log's entries of this type, lesson time. */
export function timesOf(log: readonly LogEntry[], type: LogEntry['event']['type']): number[] {
  return log.filter(({ event }) => event.type === type).map(({ t }) => t);
}
