import { io, type Socket } from 'socket.io-client';
import type { Command, CommandResult } from '../../protocol/device-commands.ts';
import {
  DEVICE_SOCKET_PATH,
  type DeviceInput,
  type DeviceNotice,
  type DeviceOutput,
  type DeviceRequestName,
  type DeviceToServer,
  type ServerToDevice,
} from '../../protocol/device-requests.ts';
import type {
  CheckReport,
  DeviceFacts,
  DeviceReport,
  Measures,
  RoomSettings,
} from '../../protocol/devices.ts';
import { type Answer, TongkeError } from '../../protocol/errors.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import { openNewest } from '../offline.ts';
import { BuildChange } from './build.ts';

/** At rest, and in a lesson, where a teacher waits for help. */
const REST_MS = 5 * 60_000;
const LESSON_MS = 60_000;
/** Whom the server has not answered a greeting is told away by its own screen, though its line stands: it greets again. */
const GREET_AGAIN_MS = 5_000;
const ANSWER_MS = 20_000;
/** A restarted server is not met by forty screens at once. */
const RECONNECT_FIRST_MS = 1_000;
const RECONNECT_MOST_MS = 15_000;
/** A page opened while there is no link hears nothing, not even a refusal. After so long it says so. */
const FIRST_HEARD_MS = 8_000;

/** What there is to tell of a command that was carried out. */
export interface Done {
  readonly detail?: string;
  readonly result?: CommandResult;
}

export interface AgentOptions {
  /** What the machine is; told once a connection. */
  readonly facts: DeviceFacts;
  /** What is measured now; asked before every report. */
  readonly measure: () => Promise<DeviceReport>;
  /** Carries a command out; resolves with what to tell, rejects where it failed. */
  readonly obey: (command: Command) => Promise<Done>;
  readonly settings: (settings: RoomSettings) => void;
  /** The room's lessons have changed. */
  readonly agenda: () => void;
  /** The server hears this device, or does so no longer. */
  readonly line: (isThere: boolean) => void;
  /** The key is good no longer, or the session is over: whoever is left signs in anew. */
  readonly ended: () => void;
  readonly report: (error: unknown) => void;
}

/** The device's own line to the server: it reports, is told, and comes back by itself. */
export class DeviceAgent {
  readonly #options: AgentOptions;
  readonly #build: BuildChange;
  readonly #socket: Socket<ServerToDevice, DeviceToServer>;
  /** Names this opening of the page: after a power cut there is another. */
  readonly #page = `p${crypto.randomUUID().replaceAll('-', '')}`;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #agenda: string | null = null;
  #inLesson = false;
  #greeting: 'due' | 'asked' | 'answered' = 'due';
  #roundTripMs: number | undefined;
  #told: DeviceReport = {};
  /** A check whose result was not told yet. */
  #found: CheckReport | null = null;
  /** Commands that this page has begun: a line that broke brings them twice. */
  readonly #taken = new Set<string>();

  constructor(options: AgentOptions) {
    this.#options = options;
    this.#build = new BuildChange(options.report);
    this.#socket = io({
      path: DEVICE_SOCKET_PATH,
      auth: { version: PROTOCOL_VERSION },
      transports: ['websocket', 'polling'],
      tryAllTransports: true,
      reconnectionDelay: RECONNECT_FIRST_MS,
      reconnectionDelayMax: RECONNECT_MOST_MS,
      randomizationFactor: 0.5,
      forceNew: true,
    });
    this.#socket.on('connect', () => void this.#hello());
    this.#socket.on('disconnect', (reason) => this.#onDisconnect(reason));
    this.#socket.on('connect_error', (error) => this.#onRefused(error));
    this.#socket.on('notice', (notice) => this.#onNotice(notice));
    addEventListener('pagehide', this.#goodbye);
    this.#timer = setTimeout(() => this.#lineIs(false), FIRST_HEARD_MS);
  }

  /** Reports more often while a lesson runs. */
  setInLesson(inLesson: boolean): void {
    if (this.#inLesson === inLesson) return;
    this.#inLesson = inLesson;
    this.#build.setInLesson(inLesson);
    document.documentElement.toggleAttribute('data-in-lesson', inLesson);
    if (this.#socket.connected) this.#reportLater();
  }

  /** Tells what has just changed, such as a camera that was pulled out. */
  reportNow(): void {
    if (this.#socket.connected) void this.#report();
  }

  /** What a check found is told now, or as soon as there is a line: a link that fails before a lesson is what it is about. */
  async sendCheck(report: CheckReport): Promise<void> {
    this.#found = report;
    await this.#tellFound();
  }

  async #tellFound(): Promise<void> {
    const found = this.#found;
    if (!found || !this.#socket.connected) return;
    this.#found = null;
    try {
      await this.ask('device.check', found);
    } catch (error) {
      if (!(error instanceof TongkeError && error.code === 'connection_lost')) throw error;
      this.#found ??= found;
    }
  }

  /** Sends further measures at once: what a check learned of the link. */
  sendMeasures(measures: Measures): Promise<unknown> {
    return this.ask('device.report', measures);
  }

  async ask<N extends DeviceRequestName>(name: N, input: DeviceInput<N>): Promise<DeviceOutput<N>> {
    if (!this.#socket.connected) throw new TongkeError('connection_lost');
    return new Promise((resolve, reject) => {
      this.#socket.timeout(ANSWER_MS).emit('request', { name, input }, (lost: Error | null, raw: unknown) => {
        if (lost) return reject(new TongkeError('connection_lost'));
        const answer = raw as Answer<DeviceOutput<N>>;
        if (answer.ok) resolve(answer.data);
        else reject(new TongkeError(answer.error.code, answer.error.message));
      });
    });
  }

  close(): void {
    removeEventListener('pagehide', this.#goodbye);
    clearTimeout(this.#timer);
    this.#socket.disconnect();
  }

  /** A page that is closed says so; a power cut cannot. */
  #goodbye = (): void => {
    this.#socket.disconnect();
  };

  async #hello(): Promise<void> {
    clearTimeout(this.#timer);
    this.#greeting = 'asked';
    try {
      const { facts } = this.#options;
      const hello = { page: this.#page, facts, openMs: Math.round(performance.now()) };
      const asked = performance.now();
      const { settings, agenda, commands, build } = await this.ask('device.hello', hello);
      this.#greeting = 'answered';
      this.#lineIs(true);
      this.#roundTripMs = Math.round(performance.now() - asked);
      this.#told = {}; // the server may be another, or have forgotten
      this.#options.settings(settings);
      this.#follow(agenda);
      for (const command of commands) void this.#obey(command);
      if (build !== null) this.#build.told(build);
      await this.#tellFound();
      await this.#report();
    } catch (error) {
      if (this.#greeting === 'asked') this.#greeting = 'due';
      this.#options.report(error);
      this.#reportLater();
    }
  }

  async #report(): Promise<void> {
    if (this.#greeting === 'asked') return; // which ends with a report
    if (this.#greeting === 'due') return this.#hello();
    clearTimeout(this.#timer);
    try {
      const measured = await this.#options.measure();
      const asked = performance.now();
      const report = { roundTripMs: this.#roundTripMs, ...this.#news(measured) };
      const { agenda } = await this.ask('device.report', report);
      this.#told = { ...this.#told, ...report };
      this.#roundTripMs = Math.round(performance.now() - asked);
      this.#follow(agenda);
    } catch (error) {
      // A report that gets lost is a device reported by its silence.
      if (this.#socket.connected) this.#options.report(error);
    } finally {
      this.#reportLater();
    }
  }

  /** What the server was told already is left out: an idle screen says little more than that it is there. */
  #news({ camera, microphone, inputs, freeMb, memoryMb, cpu, ...measures }: DeviceReport): DeviceReport {
    const state = Object.entries({ camera, microphone, inputs, freeMb, memoryMb, cpu });
    const changed = state.filter(([name, value]) => !isSame(value, Reflect.get(this.#told, name)));
    return { ...measures, ...Object.fromEntries(changed) };
  }

  #reportLater(): void {
    clearTimeout(this.#timer);
    if (!this.#socket.connected) return;
    const usual = this.#inLesson ? LESSON_MS : REST_MS;
    const wait = this.#greeting === 'answered' ? usual : GREET_AGAIN_MS;
    this.#timer = setTimeout(() => void this.#report(), wait);
  }

  #follow(agenda: string): void {
    if (this.#agenda !== null && agenda !== this.#agenda) this.#options.agenda();
    this.#agenda = agenda;
  }

  #onNotice(notice: DeviceNotice): void {
    switch (notice.type) {
      case 'command':
        void this.#obey(notice.command);
        break;
      case 'settings':
        this.#options.settings(notice.settings);
        break;
      case 'agenda':
        this.#options.agenda();
        break;
      case 'build':
        this.#build.told(notice.build);
        break;
      case 'revoked':
        this.close();
        this.#options.ended();
        break;
    }
  }

  async #obey(command: Command): Promise<void> {
    if (this.#taken.has(command.id)) return;
    this.#taken.add(command.id);
    try {
      // What ends the page cannot report afterwards.
      if (command.kind === 'reload') await this.ask('device.done', { command: command.id, ok: true });
      const done = await this.#options.obey(command);
      if (command.kind !== 'reload')
        await this.ask('device.done', { command: command.id, ok: true, ...done });
    } catch (error) {
      const detail = error instanceof Error ? error.message.slice(0, 200) : undefined;
      await this.ask('device.done', { command: command.id, ok: false, detail }).catch(this.#options.report);
    }
  }

  #lineIs(isThere: boolean): void {
    document.documentElement.toggleAttribute('data-line', isThere); // for public/guard.js
    this.#options.line(isThere);
  }

  #onDisconnect(reason: string): void {
    clearTimeout(this.#timer);
    this.#greeting = 'due';
    this.#lineIs(false);
    // Put out by the server, which socket.io takes as final: it stops, or the key is revoked (then we were told).
    if (reason === 'io server disconnect') {
      this.#timer = setTimeout(() => this.#socket.connect(), RECONNECT_FIRST_MS * (1 + Math.random()));
    }
  }

  #onRefused(error: Error): void {
    if (this.#socket.active) {
      this.#lineIs(false); // opened from what it keeps, a page has no line to lose
      return; // socket.io tries again by itself
    }
    const data: unknown = 'data' in error ? error.data : undefined;
    const code = typeof data === 'object' && data !== null && 'code' in data ? data.code : undefined;
    if (code === 'forbidden') return; // signed in with a password: a room, but no device
    if (code === 'not_signed_in') this.#options.ended();
    else if (code === 'version_mismatch') void openNewest();
    else this.#timer = setTimeout(() => this.#socket.connect(), RECONNECT_MOST_MS * Math.random());
  }
}

function isSame(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
