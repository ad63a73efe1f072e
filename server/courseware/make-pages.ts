import { isUtf8 } from 'node:buffer';
import { open, readFile, stat } from 'node:fs/promises';
import { cleanSvg } from './clean-svg.ts';
import { HEAD_BYTES, kindOf } from './kinds.ts';
import type { MadePage, MadePages, Making } from './making.ts';
import { openPdf } from './pdf.ts';
import { makePicture } from './picture.ts';
import { FileRefused } from './refused.ts';
import { openSlides } from './slides.ts';

/** Pages of what a teacher brought. Throws FileRefused, at once or with a later page; other errors are the server's own. */
export async function makePages(path: string, making: Making): Promise<MadePages> {
  const { head, bytes } = await readHead(path);
  const kind = kindOf(head);
  switch (kind) {
    case 'pdf':
      return openPdf(path, making);
    case 'slides':
      return openSlides(path, bytes, making);
    case 'svg':
      return onePage(await makeDrawing(path, bytes));
    default:
      return onePage(await makePicture(path, kind, making));
  }
}

async function readHead(path: string): Promise<{ head: Uint8Array; bytes: number }> {
  const { size } = await stat(path);
  const file = await open(path);
  try {
    const head = Buffer.alloc(Math.min(HEAD_BYTES, size));
    await file.read(head, 0, head.length, 0);
    return { head, bytes: size };
  } finally {
    await file.close();
  }
}

/** A drawing must travel as one, whatever it weighs: nothing here could make a picture of it. */
const DRAWING_MOST_BYTES = 4 * 1024 * 1024;

async function makeDrawing(path: string, bytes: number): Promise<MadePage> {
  if (bytes > DRAWING_MOST_BYTES) throw new FileRefused('drawing_too_complex', `${bytes} bytes`);
  const source = await readFile(path);
  if (!isUtf8(source)) throw new FileRefused('file_damaged', 'not UTF-8');
  const { text, width, height } = cleanSvg(source.toString('utf8'));
  return { form: 'svg', data: Buffer.from(text), width, height };
}

function onePage(page: MadePage): MadePages {
  return {
    count: 1,
    pages: (async function* () {
      yield page;
    })(),
  };
}
