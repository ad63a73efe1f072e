import type { Answer } from '../../../protocol/errors.ts';
import { TongkeError } from '../../../protocol/tongke-error.ts';
import { NetworkError } from '../../api.ts';
import { remember, remembered } from '../../ui/remember.ts';

/** Sent in one request, bytes: what a broken line costs at most. */
const PIECE = 4 * 1024 * 1024;
/** Waits between tries after a broken line, milliseconds; then the person is asked. */
const RETRIES = [1000, 3000, 10_000, 30_000];

/**
 * Brings a package to the server, on from where it is, and gives the upload's id. The same file chosen again after a reload
 * is the same upload. Rejects with a TongkeError, or with a NetworkError where the line stays away.
 */
export async function sendPackage(file: File, onProgress: (share: number) => void): Promise<string> {
  const upload = idFor(file);
  const place = `/courier/uploads/${upload}`;
  let received = 0;
  for (let failures = 0; ; ) {
    try {
      received = await ask(place, { method: 'GET' });
      while (received < file.size) {
        onProgress(received / file.size);
        const piece = file.slice(received, received + PIECE);
        const headers = { 'content-type': 'application/octet-stream' };
        const query = `?from=${received}&bytes=${file.size}`;
        received = await ask(place + query, { method: 'PATCH', headers, body: piece });
        failures = 0;
      }
      return upload;
    } catch (error) {
      const wait = RETRIES[failures++];
      if (!(error instanceof NetworkError) || wait === undefined) throw error;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}

/** How much is there. */
async function ask(url: string, init: RequestInit): Promise<number> {
  const lost = (cause: unknown): never => {
    throw new NetworkError('The line broke', { cause });
  };
  const response = await fetch(url, { ...init, credentials: 'same-origin' }).catch(lost);
  const answer: Answer<{ received: number }> = await response.json().catch(lost);
  if (!answer.ok) throw new TongkeError(answer.error.code, answer.error.message);
  return answer.data.received;
}

function idFor(file: File): string {
  const key = `package ${file.name} ${file.size} ${file.lastModified}`;
  const known = remembered(key);
  if (known !== null) return known;
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const id = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  remember(key, id);
  return id;
}
