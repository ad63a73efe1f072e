import { createServer } from 'node:https';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import type { InkPoint } from '../../../protocol/ink.ts';

/**
 * y-websocket's client as it is published, and the few lines of its protocol that a server needs (version 3 ships none). Its packages are nobody's
 * need but this bench's: they are looked for when it runs, beside the project's own or in the folder that
 * BENCH_MODULES names.
 */

// Only what is used of packages that may not be there.
interface Numbers {
  push(values: readonly number[]): void;
}
interface ArrayEvent {
  readonly changes: { readonly delta: readonly { readonly insert?: readonly unknown[] }[] };
}
interface Doc {
  getArray(name: string): Numbers & { push(values: readonly unknown[]): void };
  transact(change: () => void): void;
  on(event: 'update', listener: (update: Uint8Array) => void): void;
  observeDeep?: never;
}
interface Provider {
  on(event: 'sync', listener: (synced: boolean) => void): void;
  destroy(): void;
}
interface Line {
  binaryType: string;
  on(event: 'message' | 'close', listener: (message: ArrayBuffer) => void): void;
  send(message: Uint8Array): void;
}
type Coder = object;
interface Packages {
  readonly yjs: { Doc: new () => Doc; Array: new () => Numbers };
  readonly client: {
    WebsocketProvider: new (url: string, room: string, doc: Doc, options: { disableBc: boolean }) => Provider;
  };
  readonly sync: {
    readSyncMessage(decoder: Coder, encoder: Coder, doc: Doc, origin: unknown): void;
    writeSyncStep1(encoder: Coder, doc: Doc): void;
    writeUpdate(encoder: Coder, update: Uint8Array): void;
  };
  readonly encoding: {
    createEncoder(): Coder;
    writeVarUint(encoder: Coder, value: number): void;
    toUint8Array(encoder: Coder): Uint8Array;
    length(encoder: Coder): number;
  };
  readonly decoding: { createDecoder(bytes: Uint8Array): Coder; readVarUint(decoder: Coder): number };
  readonly ws: {
    WebSocketServer: new (options: object) => { on(event: 'connection', f: (line: Line) => void): void };
  };
}

export interface YClient {
  begin(): void;
  add(points: readonly InkPoint[]): void;
  /** Called for each point of others. */
  onPoint(listener: () => void): void;
  close(): void;
}

export interface Yjs {
  openRoom(certificate: { cert: string; key: string }): Promise<{ port: number; close(): Promise<void> }>;
  join(url: string): Promise<YClient>;
}

const NEEDED = {
  yjs: 'yjs',
  client: 'y-websocket',
  sync: 'y-protocols/sync',
  encoding: 'lib0/encoding',
  decoding: 'lib0/decoding',
  ws: 'ws',
};

/** Null, and a word on standard error, where the packages are not installed. */
export async function loadYjs(): Promise<Yjs | null> {
  const packages = loadPackages();
  return (
    packages && {
      openRoom: (certificate) => openRoom(packages, certificate),
      join: (url) => join(packages, url),
    }
  );
}

let told = false;

function loadPackages(): Packages | null {
  const folder = process.env.BENCH_MODULES;
  const require = createRequire(folder ? `${folder}/bench.js` : import.meta.url);
  try {
    const { yjs, client, sync, encoding, decoding, ws } = NEEDED;
    return {
      ...{ yjs: require(yjs), client: require(client), sync: require(sync), ws: require(ws) },
      ...{ encoding: require(encoding), decoding: require(decoding) },
    };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND')) throw error;
    if (!told)
      console.error('y-websocket is left out: it needs npm i -D yjs y-websocket ws (or BENCH_MODULES)');
    told = true;
    return null;
  }
}

const SYNC = 0;

async function openRoom(
  { yjs, sync, encoding, decoding, ws }: Packages,
  certificate: { cert: string; key: string },
) {
  const https = createServer(certificate);
  const doc = new yjs.Doc();
  const lines = new Set<Line>();
  const message = (write: (encoder: Coder) => void) => {
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, SYNC);
    write(encoder);
    return encoder;
  };
  doc.on('update', (update) => {
    const told = encoding.toUint8Array(message((encoder) => sync.writeUpdate(encoder, update)));
    for (const line of lines) line.send(told);
  });
  new ws.WebSocketServer({ server: https }).on('connection', (line) => {
    lines.add(line);
    line.binaryType = 'arraybuffer';
    line.on('close', () => lines.delete(line));
    line.on('message', (bytes) => {
      const decoder = decoding.createDecoder(new Uint8Array(bytes));
      if (decoding.readVarUint(decoder) !== SYNC) return; // awareness: who else is there
      const answer = message((encoder) => sync.readSyncMessage(decoder, encoder, doc, line));
      if (encoding.length(answer) > 1) line.send(encoding.toUint8Array(answer));
    });
    line.send(encoding.toUint8Array(message((encoder) => sync.writeSyncStep1(encoder, doc))));
  });
  await new Promise<void>((resolve) => https.listen(0, '127.0.0.1', resolve));
  return {
    port: (https.address() as AddressInfo).port,
    async close() {
      https.closeAllConnections();
      await new Promise((resolve) => https.close(resolve));
    },
  };
}

const PER_POINT = 4;

async function join({ yjs, client }: Packages, url: string): Promise<YClient> {
  const doc = new yjs.Doc();
  const provider = new client.WebsocketProvider(url.replace('https', 'wss'), 'board', doc, {
    disableBc: true,
  });
  await new Promise<void>((resolve) => provider.on('sync', (synced) => synced && resolve()));
  const strokes = doc.getArray('strokes') as ReturnType<Doc['getArray']> & {
    observeDeep(listener: (events: readonly ArrayEvent[]) => void): void;
  };
  let stroke: Numbers | null = null;
  return {
    begin() {
      stroke = null;
    },
    add(points) {
      doc.transact(() => {
        if (!stroke) {
          stroke = new yjs.Array();
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

function countNumbers(events: readonly ArrayEvent[]): number {
  let count = 0;
  for (const { changes } of events) {
    for (const value of changes.delta.flatMap(({ insert }) => insert ?? [])) {
      count += typeof value === 'number' ? 1 : lengthOf(value);
    }
  }
  return count;
}

/** A stroke that is new comes with its first points inside. */
function lengthOf(value: unknown): number {
  return typeof value === 'object' && value !== null && 'length' in value ? Number(value.length) : 0;
}
