import {
  CircleCheck,
  Clock,
  FileUp,
  LoaderCircle,
  Play,
  Presentation,
  Rewind,
  TriangleAlert,
} from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { LessonSummary } from '../../../protocol/api.ts';
import type { ReplayState } from '../../../protocol/replay.ts';
import { Badge } from '../../ui/Badge.tsx';
import { classes } from '../../ui/classes.ts';
import { LinkButton } from '../../ui/LinkButton.tsx';
import { Name, useName } from '../../ui/Name.tsx';
import { timeOfDay } from '../../ui/time.ts';
import { stepFor } from './arrange.ts';
import styles from './LessonRow.module.css';
import { OwnPack } from './OwnPack.tsx';

interface RowProps {
  readonly lesson: LessonSummary;
  readonly now: number;
  /** The one to begin or join now: its action is the page's primary one. */
  readonly isNext: boolean;
  /** Its title's rank among the page's headings. */
  readonly rank: 2 | 4;
}

export function LessonRow({ lesson, now, isNext, rank }: RowProps) {
  const { t } = useTranslation();
  const name = useName();
  const Title = `h${rank}` as const;
  const step = stepFor(lesson, now);
  const isLive = lesson.state === 'live';
  const rooms = lesson.rooms.map(name).join(t('today.separator'));
  return (
    <li className={classes(styles.row, isNext && styles.next, isLive && styles.live)}>
      <p className={styles.time}>
        <time dateTime={new Date(lesson.startsAt).toISOString()}>{timeOfDay(lesson.startsAt)}</time>
        <span aria-hidden>–</span>
        <time dateTime={new Date(lesson.endsAt).toISOString()}>{timeOfDay(lesson.endsAt)}</time>
      </p>
      <div className={styles.what}>
        <p className={styles.course}>
          <Name of={lesson.course} />
        </p>
        <Title className={styles.title}>
          <Name of={lesson.title} />
        </Title>
        <p className={styles.who}>
          {t('today.taughtBy', { teacher: name(lesson.teacher), school: name(lesson.school) })}
        </p>
        {isNext && <p className={styles.who}>{rooms ? t('today.rooms', { rooms }) : t('today.noRooms')}</p>}
        {lesson.before?.map((replay) => (
          <LinkButton key={replay.lesson} to={`/watch/${replay.lesson}`} look="quiet" icon={Play}>
            {t('after.before', { title: name(replay.title) })}
          </LinkButton>
        ))}
        <p className={styles.state}>
          <StateBadge lesson={lesson} now={now} />
        </p>
        {isLive && (
          <LinkButton
            to={`/watch/${lesson.id}`}
            look="quiet"
            icon={Rewind}
            label={`${t('kept.watchLive')} ${name(lesson.title)}`}
            className={styles.again}
          >
            {t('kept.watchLive')}
          </LinkButton>
        )}
        {isNext && lesson.state === 'ready' && lesson.part !== 'lead' && <OwnPack lesson={lesson.id} />}
      </div>
      <div className={styles.steps}>
        {lesson.part === 'lead' && lesson.state === 'ready' && (
          <LinkButton
            to={`/prepare/${lesson.id}`}
            look="quiet"
            icon={FileUp}
            label={`${t('prepare.open')} ${name(lesson.title)}`}
          >
            {t('prepare.open')}
          </LinkButton>
        )}
        {step && (
          <LinkButton
            to={step.to}
            look={isNext ? 'primary' : 'plain'}
            size={isNext ? 'large' : 'medium'}
            icon={step.text === 'watch' ? Play : Presentation}
            label={`${t(`today.${step.text}`)} ${name(lesson.title)}`}
            className={styles.step}
          >
            {t(`today.${step.text}`)}
          </LinkButton>
        )}
      </div>
    </li>
  );
}

/** Sooner than this, minutes count. */
const SOON = 60;

function StateBadge({ lesson, now }: { lesson: LessonSummary; now: number }) {
  const { t } = useTranslation();
  if (lesson.state === 'live') {
    return (
      <Badge tone="live" pulse>
        {t('state.live')}
      </Badge>
    );
  }
  if (lesson.state === 'ended') {
    return lesson.replay ? <ReplayBadge replay={lesson.replay} /> : <Badge>{t('state.ended')}</Badge>;
  }
  const minutes = Math.ceil((lesson.startsAt - now) / 60_000);
  if (minutes > SOON) return <Badge icon={Clock}>{t('state.ready')}</Badge>;
  return (
    <Badge tone="lake" icon={Clock}>
      {minutes > 0 ? t('today.startsIn', { minutes }) : t('today.startsNow')}
    </Badge>
  );
}

function ReplayBadge({ replay }: { replay: ReplayState }) {
  const { t } = useTranslation();
  const percent = Math.round(replay.progress * 100);
  if (replay.voice === 'failed') {
    return (
      <Badge tone="warning" icon={TriangleAlert}>
        {t('today.replayFailed')}
      </Badge>
    );
  }
  if (replay.voice !== 'ready') {
    const text =
      replay.voice === 'working' ? t('today.replayWorking', { percent }) : t('today.replayWaiting');
    return <Badge icon={LoaderCircle}>{text}</Badge>;
  }
  const isWhole = replay.picture === 'ready';
  return (
    <>
      <Badge tone="good" icon={CircleCheck}>
        {t(isWhole ? 'today.replayReady' : 'today.replayVoiceReady')}
      </Badge>
      {replay.picture === 'working' && (
        <Badge icon={LoaderCircle}>{t('today.pictureWorking', { percent })}</Badge>
      )}
      {replay.picture === 'failed' && (
        <Badge tone="warning" icon={TriangleAlert}>
          {t('today.pictureFailed')}
        </Badge>
      )}
    </>
  );
}
