import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isWriter } from '../../../protocol/lesson.ts';
import { useMediaView } from '../../lesson/hooks.ts';
import { classes } from '../../ui/classes.ts';
import { useName } from '../../ui/Name.tsx';
import { Picture } from '../../ui/Picture.tsx';
import { Board } from '../board/Board.tsx';
import { FIRST_PENS } from '../board/pens.ts';
import { WritingTools } from '../board/WritingTools.tsx';
import type { Live } from './Lesson.tsx';
import { sharedScreen } from './roster.ts';
import styles from './Stage.module.css';

interface StageProps {
  readonly live: Live;
  readonly className?: string;
  /** Laid over it, at its edges. */
  readonly children?: ReactNode;
}

/** What the class looks at: the board, or a shared screen with the board in its corner. */
export function Stage({ live, className, children }: StageProps) {
  const { t } = useTranslation();
  const name = useName();
  const { received } = useMediaView(live.session.media);
  const { state, you } = live;
  const screen = sharedScreen(state);
  const track = screen && received[screen.id];
  const owner = screen && state.people[screen.participant];
  const writes = you.part !== 'observer' && isWriter(state, you.participant);
  const [pens, setPens] = useState(FIRST_PENS);
  return (
    <div className={classes(styles.stage, writes && styles.writing, className)}>
      {track && (
        <Picture
          track={track}
          fit="whole"
          label={owner ? t('lesson.screenOf', { name: name(owner.name) }) : ''}
        />
      )}
      {/* The same element in either place: a board that moves is not drawn anew. */}
      <div className={track ? styles.corner : styles.whole}>
        <Board live={live} pens={writes ? pens : null} />
      </div>
      {writes && (
        <div className={styles.tools}>
          <WritingTools live={live} pens={pens} onPens={setPens} />
        </div>
      )}
      {children}
    </div>
  );
}
