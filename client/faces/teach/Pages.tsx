import {
  ArrowLeftToLine,
  ArrowRightToLine,
  ChevronLeft,
  ChevronRight,
  CopyPlus,
  Download,
  FileDown,
  FilePlus2,
  FileUp,
  ImageDown,
  Trash2,
} from 'lucide-react';
import { useState } from 'react';
import { Button as AriaButton } from 'react-aria-components/Button';
import { Dialog, DialogTrigger } from 'react-aria-components/Dialog';
import { Popover } from 'react-aria-components/Popover';
import { useTranslation } from 'react-i18next';
import { type Board, shownPages } from '../../../protocol/board.ts';
import { PAGE_HEIGHT, PAGE_WIDTH, PaperKind } from '../../../protocol/board-events.ts';
import { paperLines } from '../../board/paper.ts';
import { Button } from '../../ui/Button.tsx';
import { IconButton } from '../../ui/IconButton.tsx';
import { Menu } from '../../ui/Menu.tsx';
import type { Live } from '../live/Lesson.tsx';
import { BringDialog } from '../prepare/BringDialog.tsx';
import { PageGrid } from './PageGrid.tsx';
import styles from './Pages.module.css';
import { addPage, copyPage, movePage, removePage, turnPage } from './pages.ts';
import { type SavedPages, useSaving } from './saving.ts';

/** Where one is among the pages: turning, jumping, adding. */
export function Pages({ live }: { live: Live }) {
  const { t } = useTranslation();
  const { current } = live.state.board;
  const pages = shownPages(live.state.board);
  const at = pages.findIndex(({ id }) => id === current);
  const [bringing, setBringing] = useState(false);
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
            {({ close }) => (
              <>
                <PageGrid live={live} onChosen={close} />
                <PageActions live={live} />
              </>
            )}
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
      <DialogTrigger>
        <AriaButton className={styles.add} aria-label={t('teach.page.add')}>
          <FilePlus2 aria-hidden size={24} strokeWidth={1.9} />
          <span>{t('teach.page.add')}</span>
        </AriaButton>
        <Popover placement="top end" className={styles.popover}>
          <Dialog aria-label={t('teach.page.add')} className={styles.strip}>
            {({ close }) => (
              <>
                <Papers live={live} onChosen={close} />
                <Button
                  look="quiet"
                  icon={FileUp}
                  onPress={() => {
                    close();
                    setBringing(true);
                  }}
                >
                  {t('prepare.bringAny')}
                </Button>
              </>
            )}
          </Dialog>
        </Popover>
      </DialogTrigger>
      <BringDialog isOpen={bringing} onClose={() => setBringing(false)} after={current} />
    </nav>
  );
}

/** What a new page is ruled with, as it will look. */
function Papers({ live, onChosen }: { live: Live; onChosen: () => void }) {
  const { t } = useTranslation();
  return (
    <ul className={styles.papers}>
      {PaperKind.options.map((kind) => (
        <li key={kind}>
          <AriaButton
            className={styles.kind}
            onPress={() => {
              addPage(live, kind);
              onChosen();
            }}
          >
            <svg aria-hidden="true" viewBox={`0 0 ${PAGE_WIDTH} ${PAGE_HEIGHT}`} className={styles.paper}>
              {paperLines(kind).map(({ weight, colour, dashed, ...ends }) => (
                <line
                  key={Object.values(ends).join()}
                  {...ends}
                  stroke={colour}
                  strokeWidth={weight * 7}
                  strokeDasharray={dashed ? '24 20' : undefined}
                />
              ))}
            </svg>
            <span>{t(`board.paper.${kind}`)}</span>
          </AriaButton>
        </li>
      ))}
    </ul>
  );
}

/** What can be done to the page that is shown. */
export function PageActions({ live }: { live: Live }) {
  const { t } = useTranslation();
  const { board } = live.state;
  const pages = shownPages(board);
  const at = pages.findIndex(({ id }) => id === board.current);
  return (
    <div role="toolbar" aria-label={t('board.pages.more')} className={styles.actions}>
      <IconButton
        icon={CopyPlus}
        label={t('board.pages.copy')}
        placement="top"
        onPress={() => copyPage(live)}
      />
      <IconButton
        icon={ArrowLeftToLine}
        label={t('board.pages.earlier')}
        placement="top"
        isDisabled={at <= 0}
        onPress={() => movePage(live, -1)}
      />
      <IconButton
        icon={ArrowRightToLine}
        label={t('board.pages.later')}
        placement="top"
        isDisabled={at >= pages.length - 1}
        onPress={() => movePage(live, 1)}
      />
      <IconButton
        icon={Trash2}
        label={t('board.pages.remove')}
        placement="top"
        isDisabled={pages.length === 1}
        onPress={() => removePage(live)}
      />
      <SaveMenu board={board} />
    </div>
  );
}

/** The page that is shown, or all of them, as a file of one's own. */
function SaveMenu({ board }: { board: Board }) {
  const { t } = useTranslation();
  const saving = useSaving();
  const choices = (what: SavedPages) => [
    {
      id: `${what}-svg`,
      text: t('board.pages.asSvg'),
      icon: ImageDown,
      onChoose: () => void saving.svg(board, what),
    },
    {
      id: `${what}-pdf`,
      text: t('board.pages.asPdf'),
      icon: FileDown,
      onChoose: () => void saving.pdf(board, what),
    },
  ];
  return (
    <Menu
      label={t('board.pages.save')}
      parts={[
        { id: 'page', title: t('board.pages.savePage'), choices: choices('page') },
        { id: 'board', title: t('board.pages.saveAll'), choices: choices('board') },
      ]}
    >
      <IconButton icon={Download} label={t('board.pages.save')} placement="top" />
    </Menu>
  );
}
