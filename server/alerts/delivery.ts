import type { BlockList } from 'node:net';
import { type AlertSettings, quietFor, type WebhookBody } from '../../protocol/alerts.ts';
import { localise } from '../../protocol/common.ts';
import type { Log } from '../log.ts';
import { findAccount } from '../store/accounts.ts';
import {
  type AlertRecord,
  addNotifications,
  alertsById,
  type Channel,
  dropUnsent,
  dueNotifications,
  type Notification,
  type OwnSettings,
  readSettings,
  settingsForSchool,
  settleNotifications,
  toldOf,
} from '../store/alerts.ts';
import type { Mailer } from './mail.ts';
import { presentAlerts } from './presenter.ts';
import { MAIL_TEXTS } from './texts.ts';
import { postWebhook } from './webhook.ts';

/** What came up together is told together: forty rooms behind one router are one letter. */
const EVERY_MS = 15_000;
const RETRIES_MS = [60_000, 5 * 60_000, 15 * 60_000, 60 * 60_000];
/** News of yesterday helps nobody. */
const GIVE_UP_MS = 24 * 3_600_000;

export interface DeliveryOptions {
  readonly mailer: Mailer | null;
  /** Networks that a webhook may reach although they are not public. */
  readonly allowed: BlockList;
  /** Where this server is found, for links; null: it does not know. */
  readonly publicUrl: string | null;
  readonly log: Log;
}

/** Tells people, each in their own ways, outside their quiet hours, again until it worked. */
export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #timer: NodeJS.Timeout;
  #working: Promise<void> = Promise.resolve();

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.flush(), EVERY_MS).unref();
  }

  get canMail(): boolean {
    return this.#options.mailer !== null;
  }

  async opened(alert: AlertRecord): Promise<void> {
    const wanted = (await settingsForSchool(alert.school))
      .filter(({ least }) => least === 'amber' || alert.level === 'red')
      .flatMap((settings) => this.#channelsOf(settings).map((channel) => ({ settings, channel })))
      .map(({ settings: { account }, channel }) => ({ alert: alert.id, account, channel }));
    await addNotifications(wanted.map((one) => ({ ...one, change: 'opened' as const })));
  }

  /** Whoever was told that it began is told that it is over; whoever was not yet, hears nothing of either. */
  async cleared(alert: AlertRecord): Promise<void> {
    await dropUnsent(alert.id);
    const told = await toldOf(alert.id);
    await addNotifications(told.map((one) => ({ ...one, alert: alert.id, change: 'cleared' as const })));
  }

  /** Someone sees to it. */
  async acknowledged(alert: string): Promise<void> {
    await dropUnsent(alert);
  }

  /** A word to one person's own addresses, now. */
  async test(account: string): Promise<{ mail: Outcome; webhook: Outcome }> {
    const settings = await readSettings(account);
    const send = async (channel: Channel): Promise<Outcome> => {
      if (!settings || !this.#channelsOf(settings).includes(channel)) return 'off';
      const failure = await this.#send(channel, settings, []);
      return failure === null ? 'sent' : 'failed';
    };
    return { mail: await send('mail'), webhook: await send('webhook') };
  }

  /** Sends what is due. Failures are kept, and tried again. */
  flush(now = new Date()): Promise<void> {
    this.#working = this.#working
      .then(() => this.#flush(now))
      .catch((error: unknown) => this.#options.log.warn({ err: error }, 'alerts could not be sent'));
    return this.#working;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#working;
    this.#options.mailer?.close();
  }

  async #flush(now: Date): Promise<void> {
    const due = await dueNotifications(now);
    const letters = Map.groupBy(due, ({ account, channel }) => `${account} ${channel}`);
    for (const letter of letters.values()) await this.#sendLetter(letter, now);
  }

  async #sendLetter(letter: readonly Notification[], now: Date): Promise<void> {
    const [first] = letter;
    if (!first) return;
    const { account, channel } = first;
    const ids = letter.map(({ id }) => id);
    const settings = await readSettings(account);
    if (!settings || !this.#channelsOf(settings).includes(channel)) {
      return settleNotifications(ids, { state: 'failed', detail: 'not wanted any more' });
    }
    const quiet = quietFor(settings.quiet, now.getHours() * 60 + now.getMinutes());
    if (quiet > 0) return settleNotifications(ids, { dueAt: new Date(now.getTime() + quiet * 60_000) });
    const failure = await this.#send(channel, settings, letter);
    if (failure === null) return settleNotifications(ids, { state: 'sent' });
    this.#options.log.info({ channel, reason: failure }, 'an alert was not delivered');
    for (const one of letter) await this.#again(one, failure, now);
  }

  #again({ id, at, tries }: Notification, detail: string, now: Date): Promise<void> {
    const wait = RETRIES_MS[Math.min(tries, RETRIES_MS.length - 1)] ?? 0;
    const dueAt = new Date(now.getTime() + wait);
    const over = dueAt.getTime() - at.getTime() > GIVE_UP_MS;
    return settleNotifications([id], { dueAt, detail, tries: tries + 1, ...(over && { state: 'failed' }) });
  }

  /** Null where it worked, else why not. */
  async #send(
    channel: Channel,
    settings: OwnSettings,
    letter: readonly Notification[],
  ): Promise<string | null> {
    try {
      const changes = await this.#changesOf(letter);
      if (channel === 'mail') await this.#mail(settings, changes);
      else await this.#post(settings, changes);
      return null;
    } catch (error) {
      return error instanceof Error ? error.message.slice(0, 200) : 'unknown';
    }
  }

  async #changesOf(letter: readonly Notification[]): Promise<WebhookBody['alerts']> {
    const found = await alertsById(letter.map(({ alert }) => alert));
    const presented = new Map((await presentAlerts([...found.values()])).map((alert) => [alert.id, alert]));
    const { publicUrl } = this.#options;
    return letter.flatMap(({ alert: id, change }) => {
      const alert = presented.get(id);
      if (!alert) return [];
      return { change, alert, ...(publicUrl !== null && { url: `${publicUrl}/devices/${alert.room.id}` }) };
    });
  }

  async #mail(settings: OwnSettings, changes: WebhookBody['alerts']): Promise<void> {
    const account = await findAccount(settings.account, { demo: true });
    const language = account?.language ?? 'zh-CN';
    const texts = MAIL_TEXTS[language];
    const lines = changes.map(({ change, alert, url }) =>
      [
        `[${change === 'opened' ? texts.opened : texts.cleared}] ${localise(alert.school.name, language)} · ${localise(alert.room.name, language)}`,
        `${texts.kind[alert.kind]} (${texts.since(new Date(alert.since).toLocaleString('sv'))})`,
        ...(url === undefined ? [] : [url]),
      ].join('\n'),
    );
    await this.#options.mailer?.send({
      to: settings.mail,
      subject: lines.length === 0 ? texts.testSubject : texts.subject(lines.length),
      text: lines.length === 0 ? texts.test : [...lines, texts.foot].join('\n\n'),
    });
  }

  async #post({ webhook, secret }: OwnSettings, changes: WebhookBody['alerts']): Promise<void> {
    if (webhook === null || secret === undefined) return;
    const type = changes.length === 0 ? 'test' : 'alerts';
    const content = { type, sentAt: Date.now(), alerts: changes } as const;
    await postWebhook({ url: webhook, secret }, content, this.#options.allowed);
  }

  #channelsOf({ mail, webhook }: AlertSettings): Channel[] {
    const channels: Channel[] = [];
    if (mail.length > 0 && this.#options.mailer) channels.push('mail');
    if (webhook !== null) channels.push('webhook');
    return channels;
  }
}

export type Outcome = 'sent' | 'failed' | 'off';
