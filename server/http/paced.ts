import { setTimeout as wait } from 'node:timers/promises';
import type { Request, RequestHandler, Response } from 'express';
import type { Auth } from '../auth/auth.ts';
import type { Downloads, Fetching } from '../lessons/downloads.ts';

const KNOWN_WITHIN_MS = 500;
/** What waits in here beyond which whoever writes is to wait, too. */
const MOST_WAITING = 16 * 1024;
/** What somebody in a live lesson has missed: pieces of the voice, and what the log says since. */
const MISSED = /\/voice-live[\w-]*\.(mp4|m4s|m3u8)$|\/log\?after=[1-9]\d*$/;

export interface PacedOptions {
  readonly auth: Pick<Auth, 'browserOf'>;
  readonly downloads: Downloads;
  /** Of the application itself: without it no lesson can be followed. */
  readonly ofApplication?: boolean;
}

/**
 * What follows is answered no faster than `downloads` lets it: a page that comes at full speed costs a thin link its voice.
 * Small writes at intervals, so that no more stands in queues on the way than the link carries in a moment.
 */
export function paced({ auth, downloads, ofApplication = false }: PacedOptions): RequestHandler {
  return async (request, response, next) => {
    const fetching = request.method === 'GET' ? await soon(whoFetches(auth, request, ofApplication)) : null;
    if (!fetching || response.destroyed) return next();
    const begun = downloads.begin(fetching);
    response.once('close', begun.end);
    await soon(begun.known);
    pace(response, {
      part: () => downloads.part(fetching),
      turn: (bytes) => downloads.turn(fetching, bytes),
    });
    next();
  };
}

async function whoFetches(
  auth: Pick<Auth, 'browserOf'>,
  request: Request,
  ofApplication: boolean,
): Promise<Fetching | null> {
  const browser = await auth.browserOf(request);
  return browser && { ...browser, isNeeded: ofApplication || MISSED.test(request.originalUrl) };
}

/** Null where it fails or takes long: the application's files are there without a database, too. */
async function soon<T>(knowing: Promise<T>): Promise<T | null> {
  const stop = new AbortController();
  try {
    return await Promise.race([knowing, wait(KNOWN_WITHIN_MS, null, { signal: stop.signal })]);
  } catch {
    return null;
  } finally {
    stop.abort();
  }
}

interface Turns {
  /** Bytes at a time; null: all that there are. */
  part(): number | null;
  /** Null where they may go at once. */
  turn(bytes: number): Promise<void> | null;
}

/** Holds back what is written to `response`. As long as nothing limits it, all goes at once, as it would without. */
function pace(response: Response, turns: Turns): void {
  const write = response.write.bind(response);
  const end = response.end.bind(response);
  const queue = new Queue(response, turns, write);

  response.write = (chunk: unknown, ...rest: unknown[]) => {
    queue.add(asBuffer(chunk, rest[0]));
    callbackIn(rest)?.();
    return !queue.isFull;
  };
  response.end = (...given: unknown[]) => {
    const [chunk, encoding] = given;
    const callback = callbackIn(given);
    if (callback) response.once('finish', callback);
    if (typeof chunk === 'string' || chunk instanceof Uint8Array) {
      const buffer = asBuffer(chunk, encoding);
      // As Node does for an answer that is all there.
      if (!response.headersSent && !response.hasHeader('Content-Length'))
        response.setHeader('Content-Length', buffer.length);
      queue.add(buffer);
    }
    queue.end(() => end());
    return response;
  };
}

class Queue {
  readonly #response: Response;
  readonly #turns: Turns;
  readonly #write: (bytes: Buffer) => boolean;
  readonly #waiting: Buffer[] = [];
  #bytes = 0;
  #isGoing = false;
  /** The link has not taken yet what it was given: `drain` comes from the response itself. */
  #isBlocked = false;
  #end: (() => void) | null = null;

  constructor(response: Response, turns: Turns, write: (bytes: Buffer) => boolean) {
    this.#response = response;
    this.#turns = turns;
    this.#write = write;
  }

  get isFull(): boolean {
    return this.#isBlocked || this.#bytes > MOST_WAITING;
  }

  add(bytes: Buffer): void {
    this.#waiting.push(bytes);
    this.#bytes += bytes.length;
    // Whoever answers finds it begun, though nothing may have been sent yet.
    if (!this.#response.headersSent) this.#response.writeHead(this.#response.statusCode);
    if (!this.#isGoing) void this.#go();
  }

  /** `last`: once everything has been written. */
  end(last: () => void): void {
    if (this.#isGoing) this.#end = last;
    else last();
  }

  async #go(): Promise<void> {
    this.#isGoing = true;
    for (let piece = this.#next(); piece; piece = this.#next()) {
      const held = this.#turns.turn(piece.length);
      if (held) await held;
      if (this.#response.destroyed) return;
      const wasFull = this.isFull;
      this.#bytes -= piece.length;
      if (!this.#write(piece)) {
        this.#isBlocked = true;
        await new Promise<void>((resolve) => void this.#response.once('drain', resolve));
        this.#isBlocked = false;
      } else if (wasFull && !this.isFull) this.#response.emit('drain');
    }
    this.#isGoing = false;
    this.#end?.();
  }

  #next(): Buffer | undefined {
    const first = this.#waiting.shift();
    const most = this.#turns.part();
    if (!first || most === null || first.length <= most) return first;
    this.#waiting.unshift(first.subarray(most));
    return first.subarray(0, most);
  }
}

function asBuffer(chunk: unknown, encoding: unknown): Buffer {
  if (typeof chunk === 'string')
    return Buffer.from(
      chunk,
      typeof encoding === 'string' && Buffer.isEncoding(encoding) ? encoding : 'utf8',
    );
  if (chunk instanceof Uint8Array) return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  throw new TypeError('neither text nor bytes');
}

function callbackIn(given: readonly unknown[]): (() => void) | undefined {
  const found = given.find((each) => typeof each === 'function');
  return found && (() => void found());
}
