import { ArrowLeft, CheckCheck, Clock } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Navigate, useParams } from 'react-router';
import type { LessonSummary } from '../../../protocol/api.ts';
import { useQuery } from '../../api.ts';
import { LinkButton } from '../../ui/LinkButton.tsx';
import { Message } from '../../ui/Message.tsx';
import { Name } from '../../ui/Name.tsx';
import { timeOfDay } from '../../ui/time.ts';
import { Lesson, type Live } from '../live/Lesson.tsx';
import styles from './Seat.module.css';
import { SeatLesson } from './SeatLesson.tsx';

/** /seat/:lesson: one person in a lesson, on a phone, a tablet or an old PC. */
export default function Seat() {
  const { lesson = '' } = useParams();
  const { data: summary } = useQuery('lesson.show', { params: { lesson } });
  if (summary?.part === 'lead') return <Navigate to={`/teach/${lesson}`} replace />;
  return (
    <Lesson lesson={lesson}>{(live) => <Phases lesson={lesson} live={live} summary={summary} />}</Lesson>
  );
}

function Phases({ lesson, live, summary }: { lesson: string; live: Live; summary: LessonSummary | null }) {
  const { t } = useTranslation();
  const { phase } = live.state;
  if (phase === 'ready') return <NotYet summary={summary} />;
  if (phase === 'ended') {
    return (
      <main>
        <Message icon={CheckCheck} title={t('lesson.ended')} text={t('lesson.endedHint')}>
          <LinkButton to={`/watch/${lesson}`} look="primary">
            {t('today.watch')}
          </LinkButton>
          <LinkButton to="/">{t('action.today')}</LinkButton>
        </Message>
      </main>
    );
  }
  return <SeatLesson live={live} summary={summary} />;
}

function NotYet({ summary }: { summary: LessonSummary | null }) {
  const { t } = useTranslation();
  return (
    <main className={styles.early}>
      <LinkButton to="/" look="quiet" icon={ArrowLeft}>
        {t('action.today')}
      </LinkButton>
      {summary && (
        <p className={styles.which}>
          {timeOfDay(summary.startsAt)} <Name of={summary.title} />
        </p>
      )}
      <Message icon={Clock} title={t('lesson.notStarted')} text={t('lesson.notStartedHint')} />
    </main>
  );
}
