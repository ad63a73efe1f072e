import { useContext, useEffect, useRef } from 'react';
import { pageOf } from '../../protocol/board.ts';
import { LessonFiles } from '../board/lesson-files.ts';
import { type Chapter, pageAt } from './chapters.ts';
import { clockText } from './format.ts';
import styles from './Transport.module.css';
import { useWords } from './texts.ts';
import { drawLater } from './thumbnails.ts';
import type { Timeline } from './timeline.ts';

/** CSS pixels; see `.preview`. */
const WIDTH = 160;
/** Nearer than this two times look the same in small, ms: it is not drawn for each pixel that the mouse moves. */
const STEP_MS = 2_000;

interface ScrubPreviewProps {
  readonly t: number;
  /** Where it stands over the line. */
  readonly at: string;
  readonly from: number;
  readonly chapters: readonly Chapter[];
  readonly timeline: Timeline;
}

/** The page as it looked at a time, over the line, with the time. */
export function ScrubPreview({ t, at, from, chapters, timeline }: ScrubPreviewProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const lesson = useContext(LessonFiles);
  const { say } = useWords();
  const step = Math.round(t / STEP_MS) * STEP_MS;
  useEffect(() => {
    if (!canvas.current) return;
    return drawLater(canvas.current, { width: WIDTH, lesson }, () => {
      const { board } = timeline.at(step);
      return pageOf(board, board.current);
    });
  }, [step, timeline, lesson]);
  const page = chapters[pageAt(chapters, t)];
  return (
    <output className={styles.bubble} style={{ '--over': at }}>
      <canvas ref={canvas} className={styles.preview} />
      <span>
        {clockText(t - from)} · {say('chapterPage', { number: page?.kind === 'page' ? page.number : 1 })}
      </span>
    </output>
  );
}
