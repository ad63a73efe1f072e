import { CircleCheck, LoaderCircle, TriangleAlert, WifiOff } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { RouteOutput } from '../../../protocol/api.ts';
import { useAccount } from '../../router/account.tsx';
import { Button } from '../../ui/Button.tsx';
import { Highland } from '../../ui/Highland.tsx';
import { Name } from '../../ui/Name.tsx';
import { timeOfDay, useDayNames, useNow } from '../../ui/time.ts';
import { useErrorText } from '../../ui/useErrorText.ts';
import { nextFor } from './lesson-for.ts';
import type { DeviceCheck } from './useDeviceCheck.ts';
import styles from './Waiting.module.css';

interface WaitingProps {
  readonly list: RouteOutput<'lesson.list'> | null;
  readonly isLost: boolean;
  readonly check: DeviceCheck;
}

/** Between lessons: the time, what comes next, and whether this room is ready for it. */
export function Waiting({ list, isLost, check }: WaitingProps) {
  const { t } = useTranslation();
  const { full } = useDayNames();
  const { account } = useAccount();
  const now = useNow(1000);
  const next = list && nextFor(list.lessons, list.now);
  return (
    <main className={styles.waiting}>
      <Highland shape="wide" className={styles.highland} />
      <header className={styles.head}>
        <p>{account && <Name of={account.name} />}</p>
        <p>{full(now)}</p>
      </header>
      <p className={styles.clock}>
        <time>{timeOfDay(now)}</time>
      </p>
      <section className={styles.next}>
        {next ? (
          <>
            <p>
              {t('room.waiting')} · {t('room.at', { time: timeOfDay(next.startsAt) })}
            </p>
            <h1>
              <Name of={next.title} />
            </h1>
            <p>
              <Name of={next.course} /> · <Name of={next.teacher} />
            </p>
            <p className={styles.hint}>{t(next.startsAt <= now ? 'room.soon' : 'room.joinsItself')}</p>
          </>
        ) : (
          list && (
            <>
              <h1>{t('room.waitingNone')}</h1>
              <p className={styles.hint}>{t('room.waitingNoneHint')}</p>
            </>
          )
        )}
      </section>
      <footer className={styles.foot}>
        <OwnState isLost={isLost} check={check} />
      </footer>
    </main>
  );
}

function OwnState({ isLost, check }: { isLost: boolean; check: DeviceCheck }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  if (isLost) {
    return (
      <p className={styles.state} data-tone="warning" role="status">
        <WifiOff aria-hidden /> {t('lesson.coming')}
      </p>
    );
  }
  if (check.state === 'trouble') {
    return (
      <div className={styles.trouble} role="alert">
        <p className={styles.state} data-tone="warning">
          <TriangleAlert aria-hidden /> {t('room.deviceTrouble')}
        </p>
        <p>{errorText(check.problem)}</p>
        <Button look="primary" size="large" onPress={check.again}>
          {t('room.permit')}
        </Button>
      </div>
    );
  }
  return check.state === 'ready' ? (
    <p className={styles.state} data-tone="good" role="status">
      <CircleCheck aria-hidden /> {t('room.ready')}
    </p>
  ) : (
    <p className={styles.state} role="status">
      <LoaderCircle aria-hidden /> {t('room.checking')}
    </p>
  );
}
