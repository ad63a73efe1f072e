import { COURSEWARE_MOST_BYTES } from '../../../protocol/courseware-limits.ts';
import { TongkeError } from '../../../protocol/tongke-error.ts';
import { call, NetworkError } from '../../api.ts';

/** Sent in one request, bytes: a line that breaks costs a question and no more, a proxy that holds back little. */
const PIECE = 8 * 1024 * 1024;
/** A line that is away comes back: waits between tries, milliseconds; the last is repeated. */
const RETRY_MS = [1_000, 2_000, 5_000, 10_000];
/** Without a byte for so long, milliseconds, a request is not waited for any more. */
const STALLED_MS = 30_000;

interface UploadOptions {
  readonly lesson: string;
  readonly file: File;
  /** The page behind which its pages are to come; at the end without. */
  readonly after?: string;
  readonly signal: AbortSignal;
  /** Told its id first, then how many bytes are there. */
  readonly onProgress: (id: string, received: number) => void;
}

/**
 * Brings a file to a lesson, going on by itself after every broken line, and after a reload where the same file is chosen
 * again. Rejects with a TongkeError that says why not, or with the signal's reason.
 */
export async function upload({ lesson, file, after, signal, onProgress }: UploadOptions): Promise<void> {
  if (file.size > COURSEWARE_MOST_BYTES) throw new TongkeError('file_too_large');
  if (file.size === 0) throw new TongkeError('file_damaged');
  const known = (await listed(lesson, signal)).find(
    ({ state, name, bytes }) => state === 'arriving' && name === file.name && bytes === file.size,
  );
  const input = { name: file.name, bytes: file.size, ...(after !== undefined && { after }) };
  const id = known?.id ?? (await call('courseware.add', { params: { lesson }, input, signal })).id;
  let received = known?.received ?? 0;
  for (let failures = 0; received < file.size; ) {
    onProgress(id, received);
    try {
      const from = received;
      const url = `/courseware/${lesson}/uploads/${id}?from=${from}`;
      const piece = file.slice(from, from + PIECE);
      received = await send(url, piece, signal, (sent) => onProgress(id, from + sent));
      failures = 0;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof NetworkError)) throw error;
      await rest(RETRY_MS[Math.min(failures++, RETRY_MS.length - 1)] ?? 0, signal);
      received = (await ask(lesson, id, signal)) ?? received;
    }
  }
  onProgress(id, file.size);
}

async function listed(lesson: string, signal: AbortSignal) {
  return (await call('courseware.list', { params: { lesson }, signal })).courseware;
}

/** How much is there; null while the line is away. */
async function ask(lesson: string, id: string, signal: AbortSignal): Promise<number | null> {
  try {
    const found = (await listed(lesson, signal)).find((one) => one.id === id);
    if (!found) throw new TongkeError('not_found');
    return found.received;
  } catch (error) {
    if (error instanceof NetworkError) return null;
    throw error;
  }
}

/** XMLHttpRequest, since fetch does not tell how far a body is. */
function send(
  url: string,
  piece: Blob,
  signal: AbortSignal,
  onSent: (bytes: number) => void,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let stalled: ReturnType<typeof setTimeout> | undefined;
    const watch = () => {
      clearTimeout(stalled);
      stalled = setTimeout(() => request.abort(), STALLED_MS);
    };
    const stop = () => request.abort();
    const fail = () => reject(signal.aborted ? signal.reason : new NetworkError('the line broke'));
    request.upload.onprogress = ({ loaded }) => {
      watch();
      onSent(loaded);
    };
    request.onloadend = () => {
      clearTimeout(stalled);
      signal.removeEventListener('abort', stop);
      const answer: unknown = request.response;
      if (isReceived(answer)) resolve(answer.data.received);
      else if (isRefused(answer)) reject(new TongkeError(answer.error.code, answer.error.message));
      else fail();
    };
    signal.addEventListener('abort', stop, { once: true });
    request.open('PATCH', url);
    request.responseType = 'json';
    request.setRequestHeader('content-type', 'application/octet-stream');
    watch();
    request.send(piece);
  });
}

function isReceived(answer: unknown): answer is { ok: true; data: { received: number } } {
  return typeof answer === 'object' && answer !== null && 'ok' in answer && answer.ok === true;
}

function isRefused(answer: unknown): answer is { ok: false; error: TongkeError } {
  return (
    typeof answer === 'object' &&
    answer !== null &&
    'ok' in answer &&
    answer.ok === false &&
    'error' in answer
  );
}

/** Waits, less where the network says that it is back. */
function rest(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      window.removeEventListener('online', end);
      signal.removeEventListener('abort', end);
      if (signal.aborted) reject(signal.reason);
      else resolve();
    };
    const timer = setTimeout(end, ms);
    window.addEventListener('online', end);
    signal.addEventListener('abort', end);
  });
}
