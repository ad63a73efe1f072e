import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { cleanSvg } from '../../../server/courseware/clean-svg.ts';
import { fileKey } from '../../../server/courseware/keys.ts';
import { FINISHED_LESSON } from '../../../server/demo/demo.ts';
import { openFolderStore } from '../../../server/storage/folder.ts';
import { grantFiles } from '../../../server/store/courseware.ts';
import { logStore, readLog } from '../../../server/store/log.ts';
import { keepWords } from '../../../server/store/page-words.ts';

export const hashOf = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

/** As a drawing is kept: written by the cleaning. */
export const DRAWING = cleanSvg(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 90"><rect x="1.50" width="20" height="9"/></svg>',
).text;

/** What is written on it. */
export const WORDS = 'Numerator above, denominator below';

/** A page with a drawing on the board of the demo's finished lesson, as though it had been taught with. `isGone`: taken away at once. */
export async function layPage(
  directory: string,
  { id = 'laid1', drawing = DRAWING, isGone = false } = {},
): Promise<string> {
  const content = Buffer.from(drawing);
  const sha256 = hashOf(content);
  const file = { sha256, form: 'svg' as const, bytes: content.length, width: 160, height: 90 };
  await openFolderStore(join(directory, 'objects')).put(fileKey(sha256), Readable.from([content]));
  await grantFiles(FINISHED_LESSON, [file]);
  await keepWords(sha256, WORDS);
  const last = (await readLog(FINISHED_LESSON, 0)).at(-1);
  assert.ok(last);
  const { seq, t } = last;
  const laid = { type: 'page.laid' as const, pages: [{ id, kind: 'courseware' as const, file }] };
  const then = { type: isGone ? ('page.removed' as const) : ('page.turned' as const), page: id };
  await logStore.append(
    FINISHED_LESSON,
    'test',
    [laid, then].map((event, i) => ({ seq: seq + 1 + i, t, actor: 'demo-dolma', event })),
  );
  return sha256;
}
