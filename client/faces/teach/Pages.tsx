import { ChevronLeft, ChevronRight, FilePlus2, Grid3x3, RectangleHorizontal } from 'lucide-react';
import { Button as AriaButton } from 'react-aria-components/Button';
import { Dialog, DialogTrigger } from 'react-aria-components/Dialog';
import { Popover } from 'react-aria-components/Popover';
import { useTranslation } from 'react-i18next';
import { BoardPicture } from '../../board/BoardPicture.tsx';
import { classes } from '../../ui/classes.ts';
import { IconButton } from '../../ui/IconButton.tsx';
import { Menu } from '../../ui/Menu.tsx';
import type { Live } from '../live/Lesson.tsx';
import styles from './Pages.module.css';
import { addPage, showPage, turnPage } from './pages.ts';

/** Where one is among the pages: turning, jumping, adding. */
export function Pages({ live }: { live: Live }) {
  const { t } = useTranslation();
  const { pages, current } = live.state.board;
  const at = pages.findIndex(({ id }) => id === current);
  return (
    <nav className={styles.pages} aria-label={t('teach.page.label')}>
      <IconButton
        icon={ChevronLeft}
        label={t('teach.page.previous')}
        placement="top"
        isDisabled={at <= 0}
        onPress={() => turnPage(live, -1)}
      />
      <DialogTrigger>
        <AriaButton
          className={styles.count}
          aria-label={`${t('teach.page.label')} ${t('teach.page.count', { n: at + 1, all: pages.length })}`}
        >
          {t('teach.page.count', { n: at + 1, all: pages.length })}
        </AriaButton>
        <Popover placement="top end" className={styles.popover}>
          <Dialog aria-label={t('teach.page.label')} className={styles.strip}>
            {({ close }) => <Thumbnails live={live} onChosen={close} />}
          </Dialog>
        </Popover>
      </DialogTrigger>
      <IconButton
        icon={ChevronRight}
        label={t('teach.page.next')}
        placement="top"
        isDisabled={at >= pages.length - 1}
        onPress={() => turnPage(live, 1)}
      />
      <Menu
        label={t('teach.page.add')}
        parts={[
          {
            id: 'kinds',
            choices: [
              {
                id: 'blank',
                text: t('teach.page.blank'),
                icon: RectangleHorizontal,
                onChoose: () => addPage(live, 'blank'),
              },
              {
                id: 'grid',
                text: t('teach.page.grid'),
                icon: Grid3x3,
                onChoose: () => addPage(live, 'grid'),
              },
            ],
          },
        ]}
      >
        <AriaButton className={styles.add} aria-label={t('teach.page.add')}>
          <FilePlus2 aria-hidden size={24} strokeWidth={1.9} />
          <span>{t('teach.page.add')}</span>
        </AriaButton>
      </Menu>
    </nav>
  );
}

function Thumbnails({ live, onChosen }: { live: Live; onChosen: () => void }) {
  const { t } = useTranslation();
  const { pages, current } = live.state.board;
  return (
    <ol className={styles.thumbnails}>
      {pages.map((page, i) => (
        <li key={page.id}>
          <AriaButton
            className={classes(styles.thumbnail, page.id === current && styles.current)}
            aria-label={t(page.id === current ? 'teach.page.current' : 'teach.page.page', { n: i + 1 })}
            aria-current={page.id === current ? 'page' : undefined}
            onPress={() => {
              showPage(live, page.id);
              onChosen();
            }}
          >
            <span className={styles.picture} aria-hidden>
              <BoardPicture page={page} label={t('teach.page.page', { n: i + 1 })} />
            </span>
            <span className={styles.number}>{i + 1}</span>
          </AriaButton>
        </li>
      ))}
    </ol>
  );
}
