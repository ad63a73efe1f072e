import { Move } from 'lucide-react';
import { type PointerEvent, type RefObject, useRef, useState } from 'react';
import { useWords } from './texts.ts';
import styles from './Watch.module.css';

const CORNERS = ['top-end', 'bottom-end', 'bottom-start', 'top-start'] as const;
type Corner = (typeof CORNERS)[number];

/** Less than this is a touch, not a pull; CSS pixels. */
const PULL_PX = 8;

interface PictureProps {
  readonly media: RefObject<HTMLVideoElement | null>;
  /** What it lies over: its corners are those that the picture snaps to. */
  readonly board: RefObject<HTMLElement | null>;
}

/** The one media element: unseen with voice alone, in a corner of the board on a small screen, beside it on a wide one. */
export function Picture({ media, board }: PictureProps) {
  const [corner, setCorner] = useState<Corner>('top-end');
  const pull = useRef<{ x: number; y: number } | null>(null);
  const { say } = useWords();
  const next = () => setCorner((now) => CORNERS[(CORNERS.indexOf(now) + 1) % CORNERS.length] ?? 'top-end');

  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    pull.current = { x: event.clientX, y: event.clientY };
  };
  const onPointerMove = (event: PointerEvent<HTMLDivElement>) => {
    const from = pull.current;
    if (!from || !isPull(from, event)) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    event.currentTarget.style.translate = `${event.clientX - from.x}px ${event.clientY - from.y}px`;
  };
  const onPointerUp = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget;
    const from = pull.current;
    pull.current = null;
    box.style.translate = '';
    if (from && isPull(from, event) && board.current) setCorner(cornerAt(board.current, event));
  };

  return (
    <div
      className={styles.picture}
      data-corner={corner}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerUp}
      onPointerCancel={onPointerUp}
    >
      {/* biome-ignore lint/a11y/useMediaCaption: transcripts come as a track once a lesson has one */}
      <video ref={media} playsInline preload="auto" aria-label={say('picture')} />
      <button type="button" className={styles.mover} aria-label={say('movePicture')} onClick={next}>
        <Move aria-hidden size={20} />
      </button>
    </div>
  );
}

interface Point {
  readonly clientX: number;
  readonly clientY: number;
}

function isPull(from: { x: number; y: number }, { clientX, clientY }: Point): boolean {
  return Math.hypot(clientX - from.x, clientY - from.y) >= PULL_PX;
}

function cornerAt(area: Element, { clientX, clientY }: Point): Corner {
  const box = area.getBoundingClientRect();
  const end = clientX > box.left + box.width / 2;
  const bottom = clientY > box.top + box.height / 2;
  if (bottom) return end ? 'bottom-end' : 'bottom-start';
  return end ? 'top-end' : 'top-start';
}
