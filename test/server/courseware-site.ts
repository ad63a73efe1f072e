import { routes } from '../../protocol/api.ts';
import type { Courseware } from '../../protocol/courseware.ts';
import { eventually } from '../support/eventually.ts';
import type { HttpServer } from './http-server.ts';

/** How a teacher's browser brings a file to a lesson, without a browser. */
export class CoursewareSite {
  readonly #server: Pick<HttpServer, 'url' | 'send'>;
  readonly cookie: string;
  readonly lesson: string;

  constructor(server: Pick<HttpServer, 'url' | 'send'>, cookie: string, lesson: string) {
    this.#server = server;
    this.cookie = cookie;
    this.lesson = lesson;
  }

  /** Announces a file. */
  async add(name: string, bytes: number, after?: string): Promise<string> {
    const { data } = await this.#server.send(`/api/v1/lessons/${this.lesson}/courseware`, {
      method: 'POST',
      cookie: this.cookie,
      body: { name, bytes, ...(after !== undefined && { after }) },
    });
    return routes['courseware.add'].output.parse(data).id;
  }

  /** Sends bytes of it; gives how many are there. */
  async send(id: string, content: Uint8Array, from = 0): Promise<number> {
    const url = `${this.#server.url}/courseware/${this.lesson}/uploads/${id}?from=${from}`;
    const headers = { cookie: this.cookie, 'content-type': 'application/octet-stream' };
    const response = await fetch(url, { method: 'PATCH', headers, body: new Uint8Array(content) });
    const answer: unknown = await response.json();
    if (!isReceived(answer)) throw new Error(JSON.stringify(answer));
    return answer.data.received;
  }

  async list(): Promise<Courseware[]> {
    const { data } = await this.#server.send(`/api/v1/lessons/${this.lesson}/courseware`, {
      cookie: this.cookie,
    });
    return routes['courseware.list'].output.parse(data).courseware;
  }

  /** What has become of it, once something has. */
  async settled(id: string): Promise<Courseware> {
    let found: Courseware | undefined;
    await eventually(
      async () => {
        found = (await this.list()).find((one) => one.id === id);
        return found !== undefined && ['ready', 'refused', 'failed'].includes(found.state);
      },
      'pages, or a refusal',
      60_000,
    );
    if (!found) throw new Error('it is gone');
    return found;
  }

  /** Brings a whole file, and waits for what becomes of it. */
  async bring(name: string, content: Uint8Array | string, after?: string): Promise<Courseware> {
    const bytes = Buffer.from(content);
    const id = await this.add(name, bytes.length, after);
    await this.send(id, bytes);
    return this.settled(id);
  }
}

function isReceived(answer: unknown): answer is { ok: true; data: { received: number } } {
  return typeof answer === 'object' && answer !== null && 'ok' in answer && answer.ok === true;
}
