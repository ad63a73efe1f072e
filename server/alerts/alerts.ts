import { randomBytes } from 'node:crypto';
import { type AlertSettings, NO_ALERT_SETTINGS } from '../../protocol/alerts.ts';
import type { RouteOutput } from '../../protocol/api.ts';
import { Level } from '../../protocol/devices.ts';
import { TongkeError } from '../../protocol/errors.ts';
import type { Directory, KnownRoom } from '../devices/directory.ts';
import type { Log } from '../log.ts';
import {
  type AlertRecord,
  acknowledgeAlert,
  clearAlert,
  findAlert,
  openAlert,
  openAlerts,
  pastAlerts,
  readSettings,
  writeSettings,
} from '../store/alerts.ts';
import { KINDS, RULES } from './conditions.ts';
import type { Delivery } from './delivery.ts';
import { presentAlerts } from './presenter.ts';
import { see, UNSEEN, type Watched } from './watch.ts';

const EVERY_MS = 20_000;

export interface AlertsOptions {
  readonly directory: Pick<Directory, 'everyRoom'>;
  readonly delivery: Delivery;
  readonly log: Log;
}

/** Looks at every room again and again; keeps what is wrong, and has people told. */
export class Alerts {
  readonly #options: AlertsOptions;
  readonly #watched = new Map<string, Watched>();
  #timer: NodeJS.Timeout | undefined;
  #working: Promise<void> = Promise.resolve();

  constructor(options: AlertsOptions) {
    this.#options = options;
  }

  /** What was open before the server stopped is open still. */
  async start(): Promise<void> {
    this.#timer = setInterval(() => void this.look(), EVERY_MS).unref();
    for (const { room, kind } of await openAlerts()) {
      this.#watched.set(`${room} ${kind}`, { open: true, otherSince: null });
    }
  }

  /** One look at every room. Failures are logged: the next look comes soon. */
  look(now = Date.now()): Promise<void> {
    this.#working = this.#working
      .then(async () => {
        for (const room of await this.#options.directory.everyRoom(now)) await this.#lookAt(room, now);
      })
      .catch((error: unknown) => this.#options.log.warn({ err: error }, 'rooms were not looked at'));
    return this.#working;
  }

  /** How many are open, by level. */
  count(): Record<'red' | 'amber', number> {
    const counts = { red: 0, amber: 0 };
    for (const kind of KINDS) {
      const open = [...this.#watched].filter(([key, one]) => one.open && key.endsWith(` ${kind}`)).length;
      counts[RULES[kind].level === 'red' ? 'red' : 'amber'] += open;
    }
    return counts;
  }

  async list(schools: readonly string[]): Promise<Omit<RouteOutput<'alert.list'>, 'now'>> {
    const [open, past] = await Promise.all([openAlerts(schools), pastAlerts(schools)]);
    const order = Level.options;
    const worstFirst = open.toSorted((a, b) => order.indexOf(a.level) - order.indexOf(b.level));
    return { open: await presentAlerts(worstFirst), past: await presentAlerts(past) };
  }

  /** Rejects with `not_found` where the room has no such alert; twice is once. */
  async acknowledge(room: string, id: string, by: string): Promise<void> {
    if (await acknowledgeAlert(room, id, by)) await this.#options.delivery.acknowledged(id);
    else if (!(await findAlert(room, id))) throw new TongkeError('not_found');
  }

  async settings(account: string): Promise<RouteOutput<'alert.settings'>> {
    const { canMail } = this.#options.delivery;
    const kept = await readSettings(account);
    if (!kept) return { settings: NO_ALERT_SETTINGS, secret: null, canMail };
    const { mail, webhook, quiet, least, secret } = kept;
    return { settings: { mail, webhook, quiet, least }, secret: secret ?? null, canMail };
  }

  /** A webhook keeps its secret while it is there; another address gets another. */
  async configure(account: string, settings: AlertSettings): Promise<void> {
    const kept = await readSettings(account);
    const same = kept?.webhook === settings.webhook ? kept.secret : undefined;
    const secret = settings.webhook === null ? null : (same ?? randomBytes(32).toString('base64url'));
    await writeSettings(account, settings, secret);
  }

  /** Looks only when it is told to: for whoever has a clock of their own. */
  rest(): void {
    clearInterval(this.#timer);
  }

  async close(): Promise<void> {
    this.rest();
    await this.#working;
    await this.#options.delivery.close();
  }

  async #lookAt(room: KnownRoom, now: number): Promise<void> {
    for (const kind of KINDS) {
      const key = `${room.id} ${kind}`;
      const before = this.#watched.get(key) ?? UNSEEN;
      const rule = RULES[kind];
      const { watched, change } = see(before, rule.holds(room.facts, before.open, now), rule, now);
      if (change) {
        const since = new Date(change.since);
        const alert =
          change.to === 'opened'
            ? await openAlert({ room: room.id, school: room.school.id, kind, level: rule.level, since })
            : await clearAlert(room.id, kind);
        if (alert) await this.#tell(change.to, alert);
      }
      // After it is kept: a look that failed sees the same again.
      if (watched.open || watched.otherSince !== null) this.#watched.set(key, watched);
      else this.#watched.delete(key);
    }
  }

  async #tell(change: 'opened' | 'cleared', alert: AlertRecord): Promise<void> {
    await this.#options.delivery[change](alert);
  }
}
