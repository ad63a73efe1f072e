import { useTranslation } from 'react-i18next';
import type { BoardLook, LiveBoard } from '../../board/live-board.ts';
import { Button } from '../../ui/Button.tsx';
import { Notice } from '../../ui/Notice.tsx';
import styles from './Board.module.css';

/** Says that a page's picture is on its way, or did not come; the ink over it is there in either case. */
export function FileNotice({ board, look }: { board: LiveBoard; look: BoardLook }) {
  const { t } = useTranslation();
  if (look.file === 'loading') {
    return (
      <p role="status" className={styles.loading}>
        {t('prepare.fileLoading')}
      </p>
    );
  }
  if (look.file !== 'failed') return null;
  const again = (
    <Button look="quiet" onPress={() => board.retryFile()}>
      {t('action.retry')}
    </Button>
  );
  return (
    <Notice tone="warning" action={again} className={styles.failed}>
      {t('prepare.fileFailed')}
    </Notice>
  );
}
