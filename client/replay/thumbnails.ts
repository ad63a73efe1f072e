import { type BoardPage, isStroke, type Stroke, shownMarks } from '../../protocol/board.ts';
import type { PageFile } from '../../protocol/board-events.ts';
import { PAGE_HEIGHT, PAGE_WIDTH } from '../../protocol/events.ts';
import { fileUrl, placeOf } from '../board/page-file.ts';
import { spriteOf } from '../board/sprites.ts';
import { decodeStroke, traceStroke } from '../board/stroke-path.ts';

/** Lines thinner than this, in CSS pixels, would vanish at this size. */
const THINNEST_PX = 0.6;

const waiting = new Set<() => void>();
let scheduled = false;

/** Runs one job at a time, whenever the page has nothing better to do: a list of 200 pages must not hold up a voice. */
function later(job: () => void): () => void {
  waiting.add(job);
  schedule();
  return () => waiting.delete(job);
}

function schedule(): void {
  if (scheduled || waiting.size === 0) return;
  scheduled = true;
  const run = () => {
    scheduled = false;
    const [job] = waiting;
    if (job) waiting.delete(job);
    job?.();
    schedule();
  };
  // Safari has no idle callbacks.
  if ('requestIdleCallback' in window) requestIdleCallback(run, { timeout: 500 });
  else setTimeout(run, 16);
}

export interface Thumbnail {
  /** CSS pixels. */
  readonly width: number;
  /** Whose files lie beneath the ink. */
  readonly lesson: string;
}

/** Draws a page in small, from its vectors, when it is its turn. `read` is asked for it only then. Returns how to give up. */
export function drawLater(
  canvas: HTMLCanvasElement,
  thumbnail: Thumbnail,
  read: () => BoardPage | undefined,
): () => void {
  let gone = false;
  const giveUp = later(() => {
    const page = read();
    if (page) void draw(canvas, thumbnail, page, () => gone);
  });
  return () => {
    gone = true;
    giveUp();
  };
}

async function draw(
  canvas: HTMLCanvasElement,
  { width, lesson }: Thumbnail,
  page: BoardPage,
  isGone: () => boolean,
): Promise<void> {
  const image = page.file && (await imageOf(lesson, page.file));
  if (isGone()) return; // another page has its place by now
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round((canvas.width * PAGE_HEIGHT) / PAGE_WIDTH);
  const context = canvas.getContext('2d');
  if (!context) return;
  context.scale(canvas.width / PAGE_WIDTH, canvas.width / PAGE_WIDTH);
  if (image && page.file) {
    const place = placeOf(page.file);
    context.drawImage(image, place.left, place.top, place.width, place.height);
  }
  const thinnest = (THINNEST_PX * PAGE_WIDTH) / width;
  for (const mark of shownMarks(page)) {
    context.save();
    if (isStroke(mark) && !mark.matrix && !mark.cuts) drawInk(context, mark, thinnest);
    else spriteOf(mark).paint(context);
    context.restore();
  }
  canvas.dataset.page = page.id;
}

/** Null where it does not come: the ink alone tells the page. */
async function imageOf(lesson: string, file: PageFile): Promise<HTMLImageElement | null> {
  const image = new Image();
  image.src = fileUrl(lesson, file);
  return image.decode().then(
    () => image,
    () => null,
  );
}

/** Thicker than it is, or it would not be seen. */
function drawInk(context: CanvasRenderingContext2D, stroke: Stroke, thinnest: number): void {
  const { brush, points } = decodeStroke(stroke);
  context.beginPath();
  traceStroke(context, { ...brush, width: Math.max(brush.width, thinnest) }, points);
  context.fillStyle = context.strokeStyle = brush.colour;
  context.globalAlpha = brush.tool === 'highlighter' ? 0.4 : 1;
  context.lineWidth = brush.width;
  if (brush.tool === 'highlighter') context.stroke();
  else context.fill();
}
