import type { Pens } from '../board/pens.ts';
import { WritingTools } from '../board/WritingTools.tsx';
import type { Live } from '../live/Lesson.tsx';
import styles from './Dock.module.css';
import { Pages } from './Pages.tsx';

interface DockProps {
  readonly live: Live;
  readonly pens: Pens;
  readonly onPens: (pens: Pens) => void;
}

/** Below the board, where also a short teacher at a tall screen reaches it. */
export function Dock({ live, pens, onPens }: DockProps) {
  return (
    <div className={styles.dock}>
      <WritingTools live={live} pens={pens} onPens={onPens} />
      <Pages live={live} />
    </div>
  );
}
