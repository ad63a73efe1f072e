import { GripVertical } from 'lucide-react';
import { Button as AriaButton } from 'react-aria-components/Button';
import { GridList, GridListItem } from 'react-aria-components/GridList';
import { useDragAndDrop } from 'react-aria-components/useDragAndDrop';
import { useTranslation } from 'react-i18next';
import { shownPages } from '../../../protocol/board.ts';
import { PageThumbnail } from '../../board/PageThumbnail.tsx';
import { classes } from '../../ui/classes.ts';
import type { Live } from '../live/Lesson.tsx';
import styles from './Pages.module.css';
import { placePage, showPage } from './pages.ts';

/** The pages in small: one tap shows one, dragging puts them in order, by touch, mouse and keyboard. */
export function PageGrid({ live, onChosen }: { live: Live; onChosen?: () => void }) {
  const { t } = useTranslation();
  const { current } = live.state.board;
  const pages = shownPages(live.state.board);
  const { dragAndDropHooks } = useDragAndDrop({
    getItems: (keys) => [...keys].map((key) => ({ 'text/plain': String(key) })),
    onReorder: ({ keys, target }) => {
      for (const key of keys)
        placePage(live, String(key), String(target.key), target.dropPosition === 'after');
    },
  });
  return (
    <GridList
      aria-label={t('prepare.pages')}
      layout="grid"
      keyboardNavigationBehavior="tab"
      items={pages.map((page, i) => ({ id: page.id, page, n: i + 1 }))}
      dependencies={[current]}
      dragAndDropHooks={dragAndDropHooks}
      onAction={(key) => {
        showPage(live, String(key));
        onChosen?.();
      }}
      className={styles.thumbnails}
    >
      {({ id, page, n }) => (
        <GridListItem
          id={id}
          textValue={t(id === current ? 'teach.page.current' : 'teach.page.page', { n })}
          className={classes(styles.thumbnail, id === current && styles.current)}
        >
          <PageThumbnail page={page} className={styles.picture} />
          <span className={styles.number}>{n}</span>
          <AriaButton slot="drag" className={styles.grip} aria-label={t('prepare.dragged', { n })}>
            <GripVertical aria-hidden size={20} />
          </AriaButton>
        </GridListItem>
      )}
    </GridList>
  );
}
