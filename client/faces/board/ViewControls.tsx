import { Eye, Maximize, ZoomIn, ZoomOut } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { BoardLook, LiveBoard } from '../../board/live-board.ts';
import { LARGEST } from '../../board/viewport.ts';
import { Button } from '../../ui/Button.tsx';
import { IconButton } from '../../ui/IconButton.tsx';
import styles from './Board.module.css';

const STEP = 1.5;

/** How large the page is seen: nothing to see here until it is larger than whole. */
export function ViewControls({ board, look }: { board: LiveBoard; look: BoardLook }) {
  const { t } = useTranslation();
  const { scale } = look.view;
  if (scale === 1 && !look.astray) return null;
  return (
    <fieldset className={styles.view} aria-label={t('board.view.label')}>
      {look.astray && (
        <Button look="plain" className={styles.follow} onPress={() => board.follow()}>
          <Eye aria-hidden size={20} />
          {t('board.view.follow')}
        </Button>
      )}
      <IconButton
        icon={ZoomOut}
        label={t('board.view.smaller')}
        placement="top"
        isDisabled={scale <= 1}
        onPress={() => board.zoom(1 / STEP)}
      />
      <output className={styles.zoom}>{Math.round(scale * 100)}%</output>
      <IconButton
        icon={ZoomIn}
        label={t('board.view.larger')}
        placement="top"
        isDisabled={scale >= LARGEST}
        onPress={() => board.zoom(STEP)}
      />
      <IconButton
        icon={Maximize}
        label={t('board.view.whole')}
        placement="top"
        onPress={() => board.showAll()}
      />
    </fieldset>
  );
}
