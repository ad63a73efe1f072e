import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createDecoder, readVarUint } from 'lib0/decoding';
import { createEncoder, type Encoder, length, toUint8Array, writeVarUint } from 'lib0/encoding';
import { WebSocketServer } from 'ws';
import { readSyncMessage, writeSyncStep1, writeUpdate } from 'y-protocols/sync';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import type { InkPoint } from '../../../protocol/ink.ts';

/** y-websocket's client as it is published, and the few lines of its protocol that a server needs: version 3 ships none. */

export interface YClient {
  begin(): void;
  add(points: readonly InkPoint[]): void;
  /** Called for each point of others. */
  onPoint(listener: () => void): void;
  close(): void;
}

const SYNC = 0;

function message(write: (encoder: Encoder) => void): Encoder {
  const encoder = createEncoder();
  writeVarUint(encoder, SYNC);
  write(encoder);
  return encoder;
}

/** A server with one document. */
export async function openRoom(certificate: { cert: string; key: string }) {
  const https = createServer(certificate);
  const doc = new Y.Doc();
  const server = new WebSocketServer({ server: https });
  doc.on('update', (update: Uint8Array) => {
    const told = toUint8Array(message((encoder) => writeUpdate(encoder, update)));
    for (const line of server.clients) line.send(told);
  });
  server.on('connection', (line) => {
    line.binaryType = 'arraybuffer';
    line.on('message', (bytes) => {
      if (!(bytes instanceof ArrayBuffer)) throw new Error('y-websocket sends bytes');
      const decoder = createDecoder(new Uint8Array(bytes));
      if (readVarUint(decoder) !== SYNC) return; // awareness: who else is there
      const answer = message((encoder) => readSyncMessage(decoder, encoder, doc, line));
      if (length(answer) > 1) line.send(toUint8Array(answer));
    });
    line.send(toUint8Array(message((encoder) => writeSyncStep1(encoder, doc))));
  });
  await new Promise<void>((resolve) => https.listen(0, '127.0.0.1', resolve));
  return {
    port: (https.address() as AddressInfo).port,
    async close() {
      for (const line of server.clients) line.terminate();
      https.closeAllConnections();
      await new Promise((resolve) => https.close(resolve));
    },
  };
}

/** Strokes as shared lists of numbers, PER_POINT a point. */
const PER_POINT = 4;

export async function join(url: string): Promise<YClient> {
  const doc = new Y.Doc();
  const provider = new WebsocketProvider(url.replace('https', 'wss'), 'board', doc, { disableBc: true });
  await new Promise<void>((resolve) => provider.on('sync', (synced: boolean) => synced && resolve()));
  const strokes = doc.getArray<Y.Array<number>>('strokes');
  let stroke: Y.Array<number> | null = null;
  return {
    begin() {
      stroke = null;
    },
    add(points) {
      doc.transact(() => {
        if (!stroke) {
          stroke = new Y.Array<number>();
          strokes.push([stroke]);
        }
        stroke.push(points.flat());
      });
    },
    onPoint(listener) {
      strokes.observeDeep((events) => {
        for (let i = 0; i < countNumbers(events) / PER_POINT; i++) listener();
      });
    },
    close: () => provider.destroy(),
  };
}

function countNumbers(events: readonly Y.YEvent<Y.AbstractType<unknown>>[]): number {
  let count = 0;
  for (const { changes } of events) {
    for (const { insert = [] } of changes.delta) {
      // A stroke that is new comes with its first points inside.
      for (const value of insert) count += value instanceof Y.Array ? value.length : 1;
    }
  }
  return count;
}
