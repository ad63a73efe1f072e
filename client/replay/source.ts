import { z } from 'zod';
import { EntriesDecoder } from '../../protocol/entries-line.ts';
import { ErrorBody, TongkeError } from '../../protocol/errors.ts';
import type { Replay, ReplayLog } from '../../protocol/replay.ts';
import { call, NetworkError } from '../api.ts';
import type { ReplaySource } from './loader.ts';

/** No byte for this long is a lost link; a log may well take minutes over a thin one. Milliseconds. */
const STALL_MS = 20_000;

const Refusal = z.object({ ok: z.literal(false), error: ErrorBody });

export const serverSource: ReplaySource = {
  show: (lesson) => call('replay.show', { params: { lesson } }),
  log: fetchLog,
};

/** Of a lesson of which something is hidden: all of it, for its school's administrator. */
export const originalSource: ReplaySource = {
  show: (lesson) => call('replay.original', { params: { lesson } }),
  log: fetchLog,
};

async function fetchLog(replay: Replay, after: number): Promise<ReplayLog> {
  const stalled = new AbortController();
  const path = replay.lines;
  const { isGood, body } = await readSlowly(after > 0 ? `${path}?after=${after}` : path, stalled).catch(
    (error: unknown) => {
      throw new NetworkError('The log did not come through', { cause: error });
    },
  );
  if (!isGood) throw refusalIn(body);
  try {
    // The server has parsed every entry by its schema already: thousands of them are not parsed again on a phone.
    return { entries: new EntriesDecoder().decode(body) };
  } catch (error) {
    throw new NetworkError('A foreign answer instead of the log', { cause: error });
  }
}

/** The body, for as long as it keeps coming. */
async function readSlowly(
  url: string,
  stalled: AbortController,
): Promise<{ isGood: boolean; body: Uint8Array }> {
  let timer = setTimeout(() => stalled.abort(), STALL_MS);
  try {
    const response = await fetch(url, { credentials: 'same-origin', signal: stalled.signal });
    const reader = response.body?.getReader();
    const parts: Uint8Array<ArrayBuffer>[] = [];
    for (;;) {
      const part = await reader?.read();
      if (!part || part.done) break;
      parts.push(part.value);
      clearTimeout(timer);
      timer = setTimeout(() => stalled.abort(), STALL_MS);
    }
    return { isGood: response.ok, body: new Uint8Array(await new Blob(parts).arrayBuffer()) };
  } finally {
    clearTimeout(timer);
  }
}

/** A proxy in between may answer with a page of its own. */
function refusalIn(body: Uint8Array): Error {
  try {
    const { error } = Refusal.parse(JSON.parse(new TextDecoder().decode(body)));
    return new TongkeError(error.code, error.message);
  } catch (error) {
    return new NetworkError('No JSON instead of the log', { cause: error });
  }
}
