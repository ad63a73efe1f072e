import { useContext, useEffect, useRef } from 'react';
import { type BoardPage, isStroke, type Stroke, shownMarks } from '../../protocol/board.ts';
import { PAGE_HEIGHT, PAGE_WIDTH } from '../../protocol/events.ts';
import { LessonFiles } from '../board/lesson-files.ts';
import { fileUrl, placeOf } from '../board/page-file.ts';
import { spriteOf } from '../board/sprites.ts';
import { decodeStroke, traceStroke } from '../board/stroke-path.ts';
import styles from './SidePanel.module.css';

/** CSS pixels; see `.thumbnail`. */
const WIDTH = 80;
/** Lines thinner than this, in board units, would vanish at this size. */
const THINNEST = 14;

/** A page in small, drawn once when it is first scrolled to. `read` is asked for it only then. */
export function PageThumbnail({ read }: { readonly read: () => BoardPage | undefined }) {
  const lesson = useContext(LessonFiles);
  const canvas = useRef<HTMLCanvasElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what a page looked like in the end does not change
  useEffect(() => {
    if (!canvas.current) return;
    const element = canvas.current;
    const observer = new IntersectionObserver(([entry]) => {
      if (!entry?.isIntersecting) return;
      observer.disconnect();
      const page = read();
      if (page) void draw(element, page, lesson);
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return <canvas ref={canvas} className={styles.thumbnail} />;
}

async function draw(canvas: HTMLCanvasElement, page: BoardPage, lesson: string): Promise<void> {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(WIDTH * ratio);
  canvas.height = Math.round((canvas.width * PAGE_HEIGHT) / PAGE_WIDTH);
  const context = canvas.getContext('2d');
  if (!context) return;
  context.scale(canvas.width / PAGE_WIDTH, canvas.width / PAGE_WIDTH);
  await drawFile(context, page, lesson);
  for (const mark of shownMarks(page)) {
    context.save();
    if (isStroke(mark) && !mark.matrix && !mark.cuts) drawInk(context, mark);
    else spriteOf(mark).paint(context);
    context.restore();
  }
}

/** In small and once: where it does not come, the ink alone tells the page. */
async function drawFile(
  context: CanvasRenderingContext2D,
  { file }: BoardPage,
  lesson: string,
): Promise<void> {
  if (!file) return;
  const image = new Image();
  image.src = fileUrl(lesson, file);
  const came = await image.decode().then(
    () => true,
    () => false,
  );
  const { left, top, width, height } = placeOf(file);
  if (came) context.drawImage(image, left, top, width, height);
}

/** Thicker than it is, or it would not be seen. */
function drawInk(context: CanvasRenderingContext2D, stroke: Stroke): void {
  const { brush, points } = decodeStroke(stroke);
  context.beginPath();
  traceStroke(context, { ...brush, width: Math.max(brush.width, THINNEST) }, points);
  context.fillStyle = context.strokeStyle = brush.colour;
  context.globalAlpha = brush.tool === 'highlighter' ? 0.4 : 1;
  context.lineWidth = brush.width;
  if (brush.tool === 'highlighter') context.stroke();
  else context.fill();
}
