import { BookOpen, MonitorSmartphone } from 'lucide-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import type { LessonSummary } from '../../../protocol/api.ts';
import { TongkeError } from '../../../protocol/errors.ts';
import { useQuery } from '../../api.ts';
import { useAccount } from '../../router/account.tsx';
import { Button } from '../../ui/Button.tsx';
import { LinkButton } from '../../ui/LinkButton.tsx';
import { Message, Opening } from '../../ui/Message.tsx';
import { useName } from '../../ui/Name.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { timeOfDay, useDayNames } from '../../ui/time.ts';
import { useErrorText } from '../../ui/useErrorText.ts';
import { Header } from '../shell/Header.tsx';
import { arrange, type Day } from './arrange.ts';
import { LessonRow } from './LessonRow.tsx';
import styles from './Today.module.css';

/** A lesson that begins should be seen to begin; an answer is a few kB. Milliseconds. */
const REFRESH = 5000;

export default function Today() {
  const { t } = useTranslation();
  const { data, error, at, again } = useQuery('lesson.list', { every: REFRESH });
  const { forget } = useAccount();
  const errorText = useErrorText();

  const signedOut = error instanceof TongkeError && error.code === 'not_signed_in';
  useEffect(() => {
    if (signedOut) forget();
  }, [signedOut, forget]);

  return (
    <>
      <Header />
      <main className={styles.main}>
        {data && error !== null && (
          <Notice tone="warning">{t('today.stale', { time: timeOfDay(at) })}</Notice>
        )}
        {data && <Lessons now={data.now} lessons={data.lessons} />}
        {!data && error === null && <Opening text={t('state.loading')} />}
        {!data && error !== null && (
          <Message icon={BookOpen} title={t('today.title')} text={errorText(error)}>
            <Button look="primary" onPress={again}>
              {t('action.retry')}
            </Button>
          </Message>
        )}
      </main>
    </>
  );
}

function Lessons({ now, lessons }: { now: number; lessons: readonly LessonSummary[] }) {
  const { t } = useTranslation();
  const { full } = useDayNames();
  const { account } = useAccount();
  const { today, later, earlier, next } = arrange(lessons, now);
  return (
    <>
      <header className={styles.date}>
        <h1>{t('today.title')}</h1>
        <p>{full(now)}</p>
        {account?.role === 'administrator' && (
          <LinkButton to="/devices" icon={MonitorSmartphone}>
            {t('rooms.title')}
          </LinkButton>
        )}
      </header>
      {today.length > 0 ? (
        <ol className={styles.today}>
          {today.map((lesson) => (
            <LessonRow key={lesson.id} lesson={lesson} now={now} isNext={lesson === next} rank={2} />
          ))}
        </ol>
      ) : (
        <NothingToday following={later[0]} />
      )}
      <section aria-labelledby="week">
        <h2 id="week" className={styles.heading}>
          {t('today.week')}
        </h2>
        {later.length + earlier.length === 0 && <p className={styles.quiet}>{t('today.emptyWeek')}</p>}
        {[...later, ...earlier].map((group) => (
          <DayLessons key={group.at} group={group} now={now} />
        ))}
      </section>
    </>
  );
}

function DayLessons({ group, now }: { group: Day; now: number }) {
  const { t } = useTranslation();
  const { weekday, day } = useDayNames();
  const near = { '-1': t('today.yesterday'), '1': t('today.tomorrow') }[String(group.distance)];
  return (
    <div className={styles.day}>
      <h3>
        <span>{near ?? weekday(group.at)}</span> <small>{day(group.at)}</small>
      </h3>
      <ol>
        {group.lessons.map((lesson) => (
          <LessonRow key={lesson.id} lesson={lesson} now={now} isNext={false} rank={4} />
        ))}
      </ol>
    </div>
  );
}

function NothingToday({ following }: { following: Day | undefined }) {
  const { t } = useTranslation();
  const { weekday } = useDayNames();
  const name = useName();
  const lesson = following?.lessons[0];
  return (
    <div className={styles.nothing}>
      <p className={styles.nothingTitle}>{t('today.emptyToday')}</p>
      <p>
        {lesson
          ? t('today.emptyTodayNext', {
              when: `${weekday(lesson.startsAt)} ${timeOfDay(lesson.startsAt)}`,
              title: name(lesson.title),
            })
          : t('today.emptyTodayHint')}
      </p>
    </div>
  );
}
