import { CircleCheck, LoaderCircle, Stethoscope, TriangleAlert, WifiOff } from 'lucide-react';
import type { CSSProperties } from 'react';
import { useTranslation } from 'react-i18next';
import type { RouteOutput } from '../../../protocol/api.ts';
import type { PackShare } from '../../../protocol/pack.ts';
import { useMetering } from '../../data-use/hooks.ts';
import { useAccount } from '../../router/account.tsx';
import { Button } from '../../ui/Button.tsx';
import { Highland } from '../../ui/Highland.tsx';
import { Name } from '../../ui/Name.tsx';
import { useTell } from '../../ui/Toasts.tsx';
import { timeOfDay, useDayNames, useNow } from '../../ui/time.ts';
import { useErrorText } from '../../ui/useErrorText.ts';
import { PackMark } from '../live/PackMark.tsx';
import { OwnPack } from '../today/OwnPack.tsx';
import { CheckResults } from './CheckResults.tsx';
import { nextFor } from './lesson-for.ts';
import type { Device } from './useDevice.ts';
import type { DeviceCheck } from './useDeviceCheck.ts';
import styles from './Waiting.module.css';

interface WaitingProps {
  readonly list: RouteOutput<'lesson.list'> | null;
  /** How far the server's clock is ahead of this machine's: a classroom goes by the server's. Milliseconds. */
  readonly aheadMs: number;
  readonly isLost: boolean;
  /** Nothing goes on and nobody is there. */
  readonly isResting?: boolean;
  readonly check: DeviceCheck;
  readonly device: Device;
  /** What this screen has of the coming lessons. */
  readonly packs: ReadonlyMap<string, PackShare>;
}

/** Between lessons: the time, what comes next, and whether this room is ready for it. */
export function Waiting({ list, aheadMs, isLost, isResting = false, check, device, packs }: WaitingProps) {
  const { t } = useTranslation();
  const { full } = useDayNames();
  const { account } = useAccount();
  const now = useNow(1000) + aheadMs;
  const next = list && nextFor(list.lessons, list.now);
  const { isMetered } = useMetering();
  const share = next && packs.get(next.id);
  return (
    <main
      className={styles.waiting}
      data-resting={isResting || undefined}
      style={isResting ? placeOf(now) : undefined}
    >
      {!isResting && <Highland shape="wide" className={styles.highland} />}
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
            {isMetered && <OwnPack key={next.id} lesson={next.id} />}
            {!isMetered && share && (
              <p>
                <PackMark share={share} />
              </p>
            )}
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
        {device.isEnrolled && <OwnCheck device={device} isResting={isResting} />}
      </footer>
    </main>
  );
}

const MINUTE = 60_000;
/** Steps in which a resting picture goes round, so that none of it burns into a panel that shows it every night. */
const PLACES = [0, 1, 2, 1] as const;

function placeOf(now: number): CSSProperties {
  const minute = Math.floor(now / MINUTE);
  const place = (i: number) => PLACES[i % PLACES.length] ?? 0;
  return { '--across': `${place(minute)}vw`, '--down': `${place(minute + 1)}vh` };
}

/** The check of the whole room: what it found that is not well, and how to ask for another. */
function OwnCheck({ device: { lastCheck, check }, isResting }: { device: Device; isResting: boolean }) {
  const { t } = useTranslation();
  const tell = useTell();
  const faults = lastCheck.state === 'done' ? lastCheck.items.filter(({ level }) => level !== 'green') : [];
  const run = () => void check('here').catch(tell.error);
  return (
    <div className={styles.check}>
      {faults.length > 0 && <CheckResults items={faults} />}
      {lastCheck.state === 'done' && faults.length === 0 && (
        <p className={styles.state} data-tone="good" role="status">
          <CircleCheck aria-hidden /> {t('check.good')}
        </p>
      )}
      {!isResting && (
        <Button icon={Stethoscope} onPress={run} isDisabled={lastCheck.state === 'running'}>
          {t(lastCheck.state === 'running' ? 'check.running' : 'check.run')}
        </Button>
      )}
    </div>
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
