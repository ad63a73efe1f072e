import { useContext, useEffect, useRef } from 'react';
import type { BoardPage } from '../../protocol/board.ts';
import { LessonFiles } from '../board/lesson-files.ts';
import styles from './SidePanel.module.css';
import { drawLater } from './thumbnails.ts';

/** CSS pixels; see `.thumbnail`. */
const WIDTH = 80;

interface PageThumbnailProps {
  readonly read: () => BoardPage | undefined;
  /** Another number: the page looks another way. Only in a lesson that goes on. */
  readonly version: number;
}

/** A page in small, drawn once when it is first scrolled to. `read` is asked for it only then. */
export function PageThumbnail({ read, version }: PageThumbnailProps) {
  const lesson = useContext(LessonFiles);
  const canvas = useRef<HTMLCanvasElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `version` says when there is something else to read
  useEffect(() => {
    if (!canvas.current) return;
    const element = canvas.current;
    let giveUp = () => {};
    const observer = new IntersectionObserver(([entry]) => {
      giveUp();
      if (!entry?.isIntersecting) return; // scrolled past before its turn came
      giveUp = drawLater(element, { width: WIDTH, lesson }, () => {
        observer.disconnect();
        return read();
      });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      giveUp();
    };
  }, [version]);
  return <canvas ref={canvas} className={styles.thumbnail} />;
}
