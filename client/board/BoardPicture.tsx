import { useContext, useEffect, useRef, useState } from 'react';
import type { BoardPage } from '../../protocol/board.ts';
import type { LaserBatch } from './laser.ts';
import { LessonFiles } from './lesson-files.ts';
import { loadBoard } from './load.ts';
import type { BoardRenderer } from './renderer.ts';
import { WHOLE } from './viewport.ts';

export interface BoardPictureProps {
  readonly page: BoardPage;
  /** Lesson time, ms: strokes are drawn as far as their pen had come. Left out: all there is. */
  readonly time?: number;
  readonly laser?: readonly LaserBatch[];
  /** Accessible name. */
  readonly label?: string;
  readonly className?: string;
}

/** A page as it is, or as it was at a moment of the lesson. Fills its parent. */
export function BoardPicture({ page, time, laser, label, className }: BoardPictureProps) {
  const host = useRef<HTMLDivElement>(null);
  const lesson = useContext(LessonFiles);
  const [renderer, setRenderer] = useState<BoardRenderer | null>(null);

  useEffect(() => {
    const element = host.current;
    let opened: BoardRenderer | null = null;
    let gone = false;
    loadBoard().then(
      (module) => {
        if (gone || !element) return;
        opened = new module.BoardRenderer(element, lesson);
        setRenderer(opened);
      },
      (error: unknown) => console.error('The board could not be loaded', error),
    );
    return () => {
      gone = true;
      opened?.close();
      setRenderer(null);
    };
  }, [lesson]);

  useEffect(() => {
    renderer?.show(page, { time, laser, view: WHOLE });
  }, [renderer, page, time, laser]);

  return (
    <div
      ref={host}
      role="img"
      aria-label={label}
      className={className}
      style={{ position: 'relative', width: '100%', height: '100%', overflow: 'hidden' }}
    />
  );
}
