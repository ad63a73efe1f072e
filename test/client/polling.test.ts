import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, IncomingMessage } from 'node:http';
import { io } from 'socket.io-client';
import { Polling } from '../../client/lesson/polling.ts';

describe('long polling', () => {
  it('ends a request that hangs when the attempt is given up', async () => {
    const server = createServer(() => {}); // hears, and never answers
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    assert.ok(address !== null && typeof address === 'object');
    const asked = once(server, 'request');
    const url = `http://127.0.0.1:${address.port}`;
    const socket = io(url, { transports: [Polling], reconnection: false, forceNew: true });
    const [request]: unknown[] = await asked;
    assert.ok(request instanceof IncomingMessage);
    const ended = once(request.socket, 'close');
    socket.disconnect();
    await ended;
    server.close();
  });
});
