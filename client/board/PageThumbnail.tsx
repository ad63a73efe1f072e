import { useContext, useEffect, useRef } from 'react';
import { type BoardPage, shownMarks } from '../../protocol/board.ts';
import { PAGE_HEIGHT, PAGE_WIDTH } from '../../protocol/board-events.ts';
import { LessonFiles } from './lesson-files.ts';
import { fileUrl, placeOf } from './page-file.ts';
import { paperLines } from './paper.ts';
import { isBeneath, paintOnce } from './sprites.ts';

/** Device pixels: what a strip of pages shows at most. */
const WIDTH = 360;
/** A page under a pen changes eight times a second; its small picture need not. */
const REST_MS = 400;

/** A page in small: one canvas, drawn when it is scrolled to and when it has changed. Two hundred of them are light. */
export function PageThumbnail({ page, className }: { page: BoardPage; className?: string }) {
  const lesson = useContext(LessonFiles);
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawn = useRef(false);
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    let gone = false;
    const isGone = () => gone;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const observer = new IntersectionObserver(([entry]) => {
      if (!entry?.isIntersecting) return;
      observer.disconnect();
      timer = setTimeout(() => void draw(element, page, lesson, isGone), drawn.current ? REST_MS : 0);
      drawn.current = true;
    });
    observer.observe(element);
    return () => {
      gone = true;
      clearTimeout(timer);
      observer.disconnect();
    };
  }, [page, lesson]);
  return <canvas ref={canvas} className={className} aria-hidden />;
}

async function draw(canvas: HTMLCanvasElement, page: BoardPage, lesson: string, isGone: () => boolean) {
  const image = page.file && (await imageOf(fileUrl(lesson, page.file)));
  if (isGone()) return;
  canvas.width = WIDTH;
  canvas.height = Math.round((WIDTH * PAGE_HEIGHT) / PAGE_WIDTH);
  const context = canvas.getContext('2d');
  if (!context) return;
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.scale(WIDTH / PAGE_WIDTH, WIDTH / PAGE_WIDTH);
  if (page.file && image) {
    const { left, top, width, height } = placeOf(page.file);
    context.drawImage(image, left, top, width, height);
  }
  for (const { x1, y1, x2, y2, colour, weight } of paperLines(page.kind)) {
    context.strokeStyle = colour;
    context.lineWidth = weight * 4;
    context.beginPath();
    context.moveTo(x1, y1);
    context.lineTo(x2, y2);
    context.stroke();
  }
  const marks = shownMarks(page);
  for (const mark of [...marks.filter(isBeneath), ...marks.filter((one) => !isBeneath(one))])
    paintOnce(context, mark);
}

/** Null where it does not come: the page is drawn without it, and again when it changes. */
async function imageOf(url: string): Promise<HTMLImageElement | null> {
  const image = new Image();
  image.src = url;
  try {
    await image.decode();
    return image;
  } catch {
    return null;
  }
}
