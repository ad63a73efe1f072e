import assert from 'node:assert/strict';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { Connection } from '../../client/lesson/connection.ts';
import * as wire from '../../protocol/wire.ts';
import { eventually } from '../support/eventually.ts';
import { createLink, type Link } from '../support/link/link.ts';

interface Line {
  readonly link: Link;
  readonly connection: Connection;
  isUp: boolean;
}

describe('a line that has fallen silent', function () {
  this.timeout(40_000);
  let http: HttpServer;
  let io: Server;
  const lines: Line[] = [];

  before(async () => {
    http = createServer();
    io = new Server(http, { parser: wire, pingInterval: 4_000, pingTimeout: 12_000 });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  });
  after(async () => {
    for (const { connection, link } of lines) {
      connection.close();
      await link.close();
    }
    await io.close();
  });

  /** `isSteady`: datagrams go on coming. */
  async function open(isSteady: boolean): Promise<Line> {
    const link = createLink({ down: {}, up: {} });
    const { port } = await link.relayTcp({
      target: { host: '127.0.0.1', port: (http.address() as AddressInfo).port },
    });
    const connection = new Connection({
      url: `http://127.0.0.1:${port}`,
      ahead: () => [],
      connected: () => {
        line.isUp = true;
      },
      disconnected: () => {
        line.isUp = false;
      },
      isSteady: () => isSteady,
      refused: (code) => assert.fail(code),
      report: (error) => assert.fail(String(error)),
      ...{ entries: () => undefined, notice: () => undefined, heard: () => undefined },
    });
    const line: Line = { link, connection, isUp: false };
    lines.push(line);
    await eventually(() => line.isUp, 'it is up');
    return line;
  }

  it('is waited for while the link is there, and given up where nothing comes at all', async () => {
    const [steady, dead] = await Promise.all([open(true), open(false)]);
    for (const { link } of [steady, dead]) link.cut();
    await eventually(() => dead.link.stats().connections > 1, 'another is tried', 15_000);
    assert.equal(steady.link.stats().connections, 1, 'it takes nothing from what is on its way');
    await eventually(() => !dead.isUp, 'it is given up', 15_000);
    assert.ok(steady.isUp);
  });
});
