import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { type Mark, pageOf, shownMarks } from '../../../protocol/board.ts';
import { own } from '../../../protocol/common.ts';
import type { LiveBoard } from '../../board/live-board.ts';
import { spriteOf } from '../../board/sprites.ts';
import { useName } from '../../ui/Name.tsx';
import type { Live } from '../live/Lesson.tsx';
import styles from './Board.module.css';

/** Who wrote what: a name at the last mark of everyone but the lead, on the page that is shown. */
export function WriterTags({ board, live }: { board: LiveBoard; live: Live }) {
  const { t } = useTranslation();
  const name = useName();
  const { state, you } = live;
  const page = pageOf(state.board, state.board.current);
  const { veiled } = state.board;
  const last = useMemo(() => {
    const marks = new Map<string, Mark>();
    if (page)
      for (const mark of shownMarks(page, veiled)) if (mark.by !== you.participant) marks.set(mark.by, mark);
    return marks;
  }, [page, veiled, you.participant]);
  return [...last].map(([by, mark]) => {
    const person = own(state.people, by);
    if (!person) return null;
    const { box } = spriteOf(mark);
    const [left, top] = board.toHost([box.left, box.top]);
    return (
      <span
        key={by}
        className={styles.tag}
        style={{ left, top }}
        title={t('board.writers.wrote', { name: name(person.name) })}
      >
        {name(person.name)}
      </span>
    );
  });
}
