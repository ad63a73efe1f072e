import { open, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { COURSEWARE_MOST_PAGES } from '../../protocol/courseware.ts';
import { cleanSvg } from './clean-svg.ts';
import type { MadePage, MadePages, Making } from './making.ts';
import { hasScript } from './pdf-scripts.ts';
import { makePicture } from './picture.ts';
import { FileRefused } from './refused.ts';
import { runTool, ToolError, type ToolLimits } from './tool.ts';

const compressed = promisify(gzip);

const INFO: ToolLimits = { seconds: 20, patienceSeconds: 120, megabytes: 1_024, fileMegabytes: 1 };
const PAGE: ToolLimits = { seconds: 30, patienceSeconds: 180, megabytes: 1_024, fileMegabytes: 24 };

/** Pixels of the longer side of a page that becomes a picture; see `picture.ts`. */
const LONGER_SIDE = 2_048;
/** A drawing of so few bytes, compressed, is taken without asking what a picture would weigh. */
const SMALL = 64 * 1024;
/** How much heavier than its picture a drawing may be, as long as it is not heavy: it is sharp at every size. */
const WORTH = 1.5;
const HEAVY = 160 * 1024;
/** More letters are on no page that a class can read. */
const PAGE_WORDS_MOST = 8_000;
/** Where a complete file says that it ends: Acrobat looks into the last kilobyte, we are more patient. */
const TAIL = 4_096;

/**
 * Pages of a PDF, each as a drawing or a picture, whichever serves it better. Poppler's programs run no
 * scripts; a document that would run one in a reader is refused all the same, as drawings are. Throws FileRefused.
 */
export async function openPdf(path: string, making: Making): Promise<MadePages> {
  const { pdftocairo } = making.tools;
  if (pdftocairo === null) throw new FileRefused('pdf_unavailable');
  if (!(await endsAsPdf(path))) throw new FileRefused('file_damaged', 'it has no end');
  const count = await countPages(path, pdftocairo, making);
  if (await hasScript(await readFile(path))) throw new FileRefused('file_active');
  if (count > COURSEWARE_MOST_PAGES) throw new FileRefused('pages_too_many', `${count} pages`);
  return { count, pages: pagesOf(path, count, pdftocairo, making) };
}

async function endsAsPdf(path: string): Promise<boolean> {
  const { size } = await stat(path);
  const file = await open(path);
  try {
    const tail = Buffer.alloc(Math.min(TAIL, size));
    await file.read(tail, 0, tail.length, size - tail.length);
    return tail.includes('%%EOF');
  } finally {
    await file.close();
  }
}

async function countPages(path: string, pdftocairo: string, { folder, signal }: Making): Promise<number> {
  const program = join(dirname(pdftocairo), 'pdfinfo');
  try {
    const said = await runTool({ program, args: [path], folder, limits: INFO, signal });
    const count = Number(/^Pages:\s+(\d+)$/m.exec(said)?.[1] ?? 0);
    if (count > 0) return count;
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    const isLocked = /password/i.test(error.stderr);
    throw new FileRefused(isLocked ? 'file_locked' : 'file_damaged', error.stderr.slice(0, 400), {
      cause: error,
    });
  }
  throw new FileRefused('file_damaged', 'it has no pages');
}

async function* pagesOf(
  path: string,
  count: number,
  program: string,
  making: Making,
): AsyncIterable<MadePage> {
  for (let n = 1; n <= count; n++) yield await makePage(path, n, program, making);
}

async function makePage(path: string, n: number, program: string, making: Making): Promise<MadePage> {
  const page = await showPage(path, n, program, making);
  const words = await wordsOnPage(path, n, program, making);
  return words === '' ? page : { ...page, words };
}

/** For who searches the lesson afterwards; empty where there are none, or they cannot be had: the page is shown all the same. */
async function wordsOnPage(path: string, n: number, pdftocairo: string, making: Making): Promise<string> {
  const page = ['-f', String(n), '-l', String(n)];
  try {
    const said = await runTool({
      program: join(dirname(pdftocairo), 'pdftotext'),
      args: ['-enc', 'UTF-8', '-nopgbrk', ...page, path, '-'],
      ...{ folder: making.folder, limits: PAGE, signal: making.signal },
    });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
    const words = said.replace(/[\u0000-\u001f\u007f\s]+/g, ' ').trim();
    return words.slice(0, PAGE_WORDS_MOST);
  } catch (error) {
    if (error instanceof ToolError) return '';
    throw error;
  }
}

async function showPage(path: string, n: number, program: string, making: Making): Promise<MadePage> {
  const drawing = await drawPage(path, n, program, making);
  const weight = drawing && (await compressed(drawing.data)).length;
  if (drawing && weight !== null && weight <= SMALL) return drawing;
  const picture = await picturePage(path, n, program, making);
  if (!drawing || weight === null) return picture;
  return weight <= picture.data.length * (weight <= HEAVY ? WORTH : 1) ? drawing : picture;
}

/** Null where a page is no good drawing: too much of it, as with maps, or pictures in it that are a file each. */
async function drawPage(path: string, n: number, program: string, making: Making): Promise<MadePage | null> {
  const output = join(making.folder, 'page.svg');
  const page = ['-f', String(n), '-l', String(n)];
  try {
    await runTool({
      program,
      args: ['-svg', ...page, path, output],
      folder: making.folder,
      limits: PAGE,
      signal: making.signal,
    });
    const { text, width, height } = cleanSvg(await readFile(output, 'utf8'), 'page');
    return { form: 'svg', data: Buffer.from(text), width, height };
  } catch (error) {
    if (error instanceof ToolError || error instanceof FileRefused) return null;
    throw error;
  } finally {
    await rm(output, { force: true });
  }
}

async function picturePage(path: string, n: number, program: string, making: Making): Promise<MadePage> {
  const output = join(making.folder, 'page'); // the program puts .png behind it
  const page = ['-f', String(n), '-l', String(n)];
  const args = ['-png', '-singlefile', '-scale-to', String(LONGER_SIDE), ...page, path, output];
  try {
    await runTool({ program, args, folder: making.folder, limits: PAGE, signal: making.signal });
  } catch (error) {
    if (error instanceof ToolError)
      throw new FileRefused('conversion_failed', error.stderr.slice(0, 400), { cause: error });
    throw error;
  }
  return makePicture(`${output}.png`, 'png', making);
}
