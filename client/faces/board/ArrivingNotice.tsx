import { useTranslation } from 'react-i18next';
import type { Live } from '../live/Lesson.tsx';
import styles from './ArrivingNotice.module.css';

/** In a long lesson that one has just joined over a thin link: what is seen of this page is not yet all of it. */
export function ArrivingNotice({ live: { view, state } }: { live: Live }) {
  const { t } = useTranslation();
  if (!view.arriving.includes(state.board.current)) return null;
  return (
    <p role="status" className={styles.arriving}>
      {t('board.arriving')}
    </p>
  );
}
