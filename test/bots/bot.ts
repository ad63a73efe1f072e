import type { LogEntry, Stream } from '../../protocol/events.ts';
import { digest } from '../../protocol/lesson.ts';
import { TestClient } from '../support/client.ts';
import { signalOverRequests, WebRtcClient } from '../support/webrtc.ts';
import type { IncomingStream } from '../support/webrtc-incoming.ts';

export interface BotOptions {
  readonly url: string;
  readonly lesson: string;
  /** Only to tell bots apart in reports. */
  readonly name: string;
  /** A session's: see `signIn`. */
  readonly cookie: string;
  /** Takes every voice and picture, as a browser does; without, only the log. */
  readonly media: boolean;
}

/** What one bot has received since it joined. */
export interface BotReport {
  readonly bot: string;
  readonly participant: string;
  readonly part: string;
  readonly joinMs: number;
  readonly firstVoiceMs: number | null;
  readonly entries: number;
  readonly strokes: number;
  readonly digest: string;
  readonly streams: readonly { source: string; from: string; packets: number; bytes: number; lost: number }[];
  readonly errors: readonly string[];
}

/** A headless participant that speaks the real protocol: sees the log, hears the voices, speaks when called on. */
export class Bot {
  readonly client: TestClient;
  readonly media: WebRtcClient;
  readonly #name: string;
  readonly #takesMedia: boolean;
  readonly #started = performance.now();
  readonly #incoming = new Map<string, { stream: Stream; incoming: IncomingStream }>();
  readonly #errors: string[] = [];
  #joinMs = 0;
  #firstVoiceMs: number | null = null;
  #entries = 0;
  #strokes = 0;
  #speaking = false;
  /** One thing at a time: media follows the log in its order. */
  #work: Promise<unknown> = Promise.resolve();

  private constructor(name: string, client: TestClient, takesMedia: boolean) {
    this.#name = name;
    this.client = client;
    this.#takesMedia = takesMedia;
    this.media = new WebRtcClient(signalOverRequests((request, input) => client.request(request, input)));
  }

  static async join({ url, lesson, name, cookie, media }: BotOptions): Promise<Bot> {
    const client = await TestClient.connect(url, cookie);
    const bot = new Bot(name, client, media);
    client.on('entry', (entry) => bot.#onEntry(entry));
    client.on('notice', (notice) => {
      if (notice.type === 'consumer.closed') bot.media.drop(notice.consumer);
    });
    await client.join(lesson);
    bot.#joinMs = performance.now() - bot.#started;
    for (const stream of Object.values(client.state.streams)) bot.#receive(stream);
    return bot;
  }

  /** Packets of what was received from `source` so far. */
  packets(source: Stream['source']): number {
    let sum = 0;
    for (const { stream, incoming } of this.#incoming.values()) {
      if (stream.source === source) sum += incoming.reception.packets;
    }
    return sum;
  }

  report(): BotReport {
    return {
      bot: this.#name,
      participant: this.client.you?.participant ?? '',
      part: this.client.you?.part ?? '',
      joinMs: Math.round(this.#joinMs),
      firstVoiceMs: this.#firstVoiceMs,
      entries: this.#entries,
      strokes: this.#strokes,
      digest: digest(this.client.state.board),
      streams: [...this.#incoming.values()].map(({ stream, incoming }) => {
        const { packets, bytes, lost } = incoming.reception;
        return { source: stream.source, from: stream.participant, packets, bytes, lost };
      }),
      errors: this.#errors,
    };
  }

  /** Resolves when what was told so far has been done. */
  async settled(): Promise<void> {
    await this.#work;
  }

  async close(): Promise<void> {
    await this.#work;
    await this.media.close();
    this.client.close();
  }

  #onEntry({ event }: LogEntry): void {
    this.#entries += 1;
    const you = this.client.you?.participant;
    switch (event.type) {
      case 'stream.opened':
        this.#receive(event.stream);
        return;
      case 'stream.closed':
        this.#do(async () => {
          const gone = this.#incoming.get(event.stream);
          if (gone) this.media.drop(gone.incoming.consumer);
        });
        return;
      case 'stage.called':
        if (event.participant === you) this.#do(() => this.speak());
        return;
      case 'stage.dismissed':
        if (event.participant === you)
          this.#do(async () => {
            this.#speaking = false;
            await this.#reset();
            this.#receiveAgain();
          });
        return;
      case 'media.moved':
        this.#do(async () => {
          await this.#reset();
          if (this.#speaking) await this.speak();
        });
        return;
      case 'ink.drawn':
        if (event.done) this.#strokes += 1;
        return;
    }
  }

  /** Sends a voice and a picture until sent back; again by itself when media moves. */
  async speak(): Promise<void> {
    if (!this.#takesMedia) return;
    this.#speaking = true;
    await this.media.sendVoice();
    await this.media.sendPicture();
  }

  async #reset(): Promise<void> {
    this.#incoming.clear();
    await this.media.reset();
  }

  #receiveAgain(): void {
    for (const stream of Object.values(this.client.state.streams)) this.#receive(stream);
  }

  #receive(stream: Stream): void {
    if (!this.#takesMedia || stream.participant === this.client.you?.participant) return;
    this.#do(async () => {
      if (!this.client.state.streams[stream.id]) return; // closed while we were busy
      const incoming = await this.media.receive(stream.id);
      this.#incoming.set(stream.id, { stream, incoming });
      if (stream.source === 'mic' && this.#firstVoiceMs === null) {
        incoming.onPacket(() => {
          this.#firstVoiceMs ??= Math.round(performance.now() - this.#started);
        });
      }
    });
  }

  #do(work: () => unknown): void {
    this.#work = this.#work.then(work).catch((error: unknown) => {
      this.#errors.push(error instanceof Error ? error.message : String(error));
    });
  }
}
