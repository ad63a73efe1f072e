import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { openSession } from '../../client/lesson/session.ts';
import { memoryStorage } from '../../client/lesson/storage.ts';
import type { LessonSession } from '../../client/lesson/types.ts';
import { encodeInk } from '../../protocol/ink.ts';
import { digest } from '../../protocol/lesson.ts';
import { eventually } from '../support/eventually.ts';
import { ProtocolServer } from './protocol-server.ts';

/** Of a WebSocket that a proxy does not like; in it some ten entries come. */
const LIFE_MS = 200;
const IN_A_ROW = 40;

const stroke = (id: string) => ({
  ...{ stroke: id, page: 'page1', done: true as const },
  brush: { tool: 'pen', colour: '#112233', width: 6, grid: 1 } as const,
  data: encodeInk([], [[10, 10, 0, 128]]),
});

/** What a proxy makes of a WebSocket; `upstream` is its way to the server. */
type Treatment = (client: Socket, asked: IncomingMessage, upstream: () => Socket) => void;

const answers =
  (line: string): Treatment =>
  (client) =>
    client.end(
      `HTTP/1.1 ${line}\r\ncontent-type: text/html\r\ncontent-length: 6\r\nconnection: close\r\n\r\n<html>`,
    );

const TREATMENTS: Readonly<Record<string, Treatment>> = {
  'says 200 with a page': answers('200 OK'),
  'says 400': answers('400 Bad Request'),
  'says 403': answers('403 Forbidden'),
  'closes without an answer': (client) => client.destroy(),
  'accepts it and passes nothing on': (client, _asked, upstream) => {
    const server = upstream();
    server.once('data', (chunk: Buffer) => {
      const end = chunk.indexOf('\r\n\r\n') + 4;
      client.write(chunk.subarray(0, end));
      server.resume();
    });
  },
  'passes on the first of it and swallows the rest': (client, _asked, upstream) => {
    const server = upstream();
    client.pipe(server);
    server.pipe(client);
    setTimeout(() => {
      client.unpipe(server).resume();
      server.unpipe(client).resume();
    }, LIFE_MS);
  },
  'ends it soon': (client, _asked, upstream) => {
    const server = upstream();
    client.pipe(server);
    server.pipe(client);
    setTimeout(() => client.destroy(), LIFE_MS);
  },
};

/** Passes HTTP on as it comes, and WebSockets as it is told to. */
class FilteringProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(target: URL, treat: Treatment) {
    const { hostname: host, port } = target;
    this.#server = createServer((asked, answer) => {
      const { method, headers, url: path } = asked;
      const passed = request({ host, port, method, headers, path }, (got) => {
        answer.writeHead(got.statusCode ?? 502, got.headers);
        got.pipe(answer);
      });
      passed.on('error', () => answer.destroy());
      answer.on('close', () => passed.destroy());
      asked.pipe(passed);
    });
    this.#server.on('upgrade', (asked, client: Socket) => {
      this.#keep(client);
      treat(client, asked, () => {
        const server = this.#keep(connect(Number(port), host));
        const lines = Object.entries(asked.headers).map(([name, value]) => `${name}: ${value}\r\n`);
        server.write(`GET ${asked.url} HTTP/1.1\r\n${lines.join('')}\r\n`);
        client.on('close', () => server.destroy());
        server.on('close', () => client.destroy());
        return server;
      });
    });
  }

  static async open(target: string, treat: Treatment): Promise<FilteringProxy> {
    const proxy = new FilteringProxy(new URL(target), treat);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  #keep(socket: Socket): Socket {
    this.#sockets.add(socket);
    return socket.on('error', () => socket.destroy());
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

describe('a lesson behind a proxy that, asked for a WebSocket,', () => {
  const server = new ProtocolServer();
  const behind = new Map<string, { proxy: FilteringProxy; session: LessonSession }>();

  // All at once: some take seconds to show what they are.
  before(async () => {
    await server.start();
    for (const [name, treat] of Object.entries(TREATMENTS)) {
      const proxy = await FilteringProxy.open(server.url, treat);
      const more = { storage: memoryStorage(), report: () => {} };
      behind.set(name, { proxy, session: openSession({ lesson: 'lesson1', url: proxy.url, ...more }) });
    }
  });
  after(async () => {
    for (const { session } of behind.values()) session.close();
    for (const { proxy } of behind.values()) await proxy.close();
    await server.stop();
  });

  for (const [index, name] of Object.keys(TREATMENTS).entries()) {
    it(`${name}, is taught over long polling`, async () => {
      const { session } = behind.get(name) ?? assert.fail(name);
      let inARow = 0;
      session.subscribe(() => {
        if (session.view().connection !== 'joined') inARow = 0;
      });
      await eventually(() => session.view().connection === 'joined', 'joined');
      session.perform('ink.draw', stroke(`s${index}`));
      await eventually(() => {
        if (session.view().state?.seq !== server.state.seq) return false;
        server.publish({ type: 'chat.said', text: 'one more' }, 'student');
        inARow += 1;
        return inARow > IN_A_ROW;
      }, `${IN_A_ROW} entries, one by one, without a break`);
      await eventually(() => session.view().unsent === 0, 'nothing is left to be sent');
      const drawn = server.log.filter(
        ({ event }) => event.type === 'ink.drawn' && event.stroke === `s${index}`,
      );
      assert.equal(drawn.length, 1);
      await eventually(() => {
        const { state } = session.view();
        return state !== null && digest(state) === digest(server.state);
      }, 'the same state');
    });
  }
});
