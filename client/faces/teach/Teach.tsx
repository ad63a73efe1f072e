import { CheckCheck } from 'lucide-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Navigate, useParams } from 'react-router';
import { useQuery } from '../../api.ts';
import { LinkButton } from '../../ui/LinkButton.tsx';
import { Message } from '../../ui/Message.tsx';
import { Lesson, type Live } from '../live/Lesson.tsx';
import { Classroom } from './Classroom.tsx';
import { Preview } from './Preview.tsx';
import type { OwnTracks } from './usePreview.ts';

/** /teach/:lesson, for its lead teacher: a look in the mirror, then the lesson. */
export default function Teach() {
  const { lesson = '' } = useParams();
  const { data: summary } = useQuery('lesson.show', { params: { lesson }, keep: always });
  if (summary && summary.part !== 'lead') return <Navigate to={`/seat/${lesson}`} replace />;
  return (
    <Lesson lesson={lesson}>{(live) => <Phases lesson={lesson} live={live} summary={summary} />}</Lesson>
  );
}

/** A page that is reloaded without a link goes on with its board, under its title. */
const always = () => true;

type Summary = ReturnType<typeof useQuery<'lesson.show'>>['data'];

function Phases({ lesson, live, summary }: { lesson: string; live: Live; summary: Summary }) {
  const { phase } = live.state;
  /** Devices opened in the preview; null for a page reloaded in the middle of a lesson: it goes straight on. */
  const previewed = useRef<OwnTracks | null>(null);
  const [wasReady] = useState(phase === 'ready');

  if (phase === 'ended') return <Ended lesson={lesson} live={live} />;
  if (phase === 'ready') {
    return (
      <Preview
        lesson={lesson}
        live={live}
        summary={summary}
        onStarted={(tracks) => {
          previewed.current = tracks;
        }}
      />
    );
  }
  return <Classroom live={live} summary={summary} tracks={wasReady ? previewed.current : null} />;
}

function Ended({ lesson }: { lesson: string; live: Live }) {
  const { t } = useTranslation();
  return (
    <main>
      <Message icon={CheckCheck} title={t('teach.ended.title')} text={t('teach.ended.text')}>
        <LinkButton to={`/watch/${lesson}`} look="primary">
          {t('teach.ended.watch')}
        </LinkButton>
        <LinkButton to="/">{t('action.today')}</LinkButton>
      </Message>
    </main>
  );
}
