import { ArrowLeft, Presentation } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Navigate, useParams } from 'react-router';
import type { LessonSummary } from '../../../protocol/api.ts';
import { useQuery } from '../../api.ts';
import { classes } from '../../ui/classes.ts';
import { LinkButton } from '../../ui/LinkButton.tsx';
import { Name } from '../../ui/Name.tsx';
import { timeOfDay, useDayNames } from '../../ui/time.ts';
import { Board } from '../board/Board.tsx';
import { FIRST_PENS } from '../board/pens.ts';
import { Comeback } from '../live/Comeback.tsx';
import { Lesson, type Live } from '../live/Lesson.tsx';
import { Dock } from '../teach/Dock.tsx';
import { PageGrid } from '../teach/PageGrid.tsx';
import { PageActions } from '../teach/Pages.tsx';
import { useShortcuts } from '../teach/useShortcuts.ts';
import { CoursewarePanel } from './CoursewarePanel.tsx';
import { EarlierBoards } from './EarlierBoards.tsx';
import styles from './Prepare.module.css';

/** /prepare/:lesson, for its lead teacher: the board of a lesson before the lesson. */
export default function Prepare() {
  const { lesson = '' } = useParams();
  const { data: summary } = useQuery('lesson.show', { params: { lesson } });
  if (summary && summary.part !== 'lead') return <Navigate to="/" replace />;
  if (summary?.state === 'ended') return <Navigate to={`/watch/${lesson}`} replace />;
  return <Lesson lesson={lesson}>{(live) => <Desk lesson={lesson} live={live} summary={summary} />}</Lesson>;
}

interface DeskProps {
  readonly lesson: string;
  readonly live: Live;
  readonly summary: LessonSummary | null;
}

function Desk({ lesson, live, summary }: DeskProps) {
  const { t } = useTranslation();
  const { weekday } = useDayNames();
  const [pens, setPens] = useState(FIRST_PENS);
  useShortcuts({
    live,
    onTool: (tool) => setPens((before) => ({ ...before, tool })),
    onMicrophone: () => undefined,
    onHelp: () => undefined,
  });
  if (live.state.phase === 'ended') return <Navigate to={`/watch/${lesson}`} replace />;
  return (
    <div className={styles.page}>
      <header className={styles.header}>
        <LinkButton to="/" look="quiet" icon={ArrowLeft}>
          {t('prepare.back')}
        </LinkButton>
        <div className={styles.title}>
          <h1>
            {t('prepare.title')}
            {summary && (
              <>
                {' · '}
                <Name of={summary.title} />
              </>
            )}
          </h1>
          {summary && (
            <p>
              {weekday(summary.startsAt)} {timeOfDay(summary.startsAt)} <Name of={summary.course} />
            </p>
          )}
        </div>
        <LinkButton to={`/teach/${lesson}`} look="primary" icon={Presentation}>
          {t('prepare.teach')}
        </LinkButton>
      </header>
      <main className={styles.desk}>
        <div className={styles.board}>
          <Board live={live} pens={pens} className={styles.paper} />
          <Comeback isLost={live.view.connection === 'lost'} />
        </div>
        <Dock live={live} pens={pens} onPens={setPens} />
        <section className={classes(styles.section, styles.grid)} aria-labelledby="pages">
          <h2 id="pages">{t('prepare.pages')}</h2>
          <p className={styles.hint}>{t('prepare.pagesHint')}</p>
          <PageGrid live={live} />
          <PageActions live={live} />
        </section>
      </main>
      <aside className={styles.side}>
        <p className={styles.hint}>{t('prepare.intro')}</p>
        <CoursewarePanel lesson={lesson} />
        <EarlierBoards lesson={lesson} />
      </aside>
    </div>
  );
}
