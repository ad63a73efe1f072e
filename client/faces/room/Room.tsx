import { MonitorX } from 'lucide-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { TongkeError } from '../../../protocol/errors.ts';
import { useQuery } from '../../api.ts';
import { useMetering } from '../../data-use/hooks.ts';
import { keepWhole } from '../../offline.ts';
import { useRoomPacks } from '../../packs/hooks.ts';
import { useAccount } from '../../router/account.tsx';
import { Button } from '../../ui/Button.tsx';
import { Message } from '../../ui/Message.tsx';
import { useTell } from '../../ui/Toasts.tsx';
import { useAwake } from '../../ui/useAwake.ts';
import { Lesson } from '../live/Lesson.tsx';
import { Identify } from './Identify.tsx';
import { lessonFor, nextFor } from './lesson-for.ts';
import styles from './Room.module.css';
import { RoomLesson } from './RoomLesson.tsx';
import { type Device, useCheckBefore, useDevice } from './useDevice.ts';
import { useDeviceCheck } from './useDeviceCheck.ts';
import { useRest } from './useRest.ts';
import { useServerTime } from './useServerTime.ts';
import { Waiting } from './Waiting.tsx';

/** How soon a screen without a key notices that a lesson has begun, milliseconds. */
const REFRESH = 5000;
/** An enrolled device is told; this is for what it was not told, on a link where every kilobyte is paid for. */
const REFRESH_ENROLLED = 60 * 60_000;

/** /room: a classroom's own screen. Nobody is there to press anything. */
export default function Room() {
  const { account } = useAccount();
  // Dark around a bright board: in a classroom the board is what should shine.
  return (
    <div className={styles.room} data-theme="dark">
      {account?.role === 'room' ? <Screen /> : <NotARoom />}
    </div>
  );
}

function Screen() {
  useAwake();
  const [isBusy, setBusy] = useState(true);
  const isResting = useRest(isBusy);
  const check = useDeviceCheck(isResting);
  const refresh = useRef<() => void>(() => {});
  const device = useDevice(
    check,
    useCallback(() => refresh.current(), []),
  );
  const { data, error, again, at } = useQuery('lesson.list', {
    every: device.isEnrolled ? REFRESH_ENROLLED : REFRESH,
    keep: always,
  });
  refresh.current = again;
  useSignInAgain(error);
  const { list, aheadMs, isNews } = useServerTime(data, at, again);
  // What is known from before the page was opened may have changed since.
  useCheckBefore(device, isNews && list ? nextFor(list.lessons, list.now) : undefined, list?.now ?? 0);
  // Where every megabyte is paid for, somebody is asked first: `Waiting` does.
  const { isMetered } = useMetering();
  const room = useAccount().account?.id;
  const packs = useRoomPacks(isMetered ? undefined : room, list?.lessons, list?.now ?? 0);
  const lesson = list && lessonFor(list.lessons, list.now);
  useNewDay(list?.now, again);
  const { setInLesson } = device;
  const mayRun = !isNews || lesson !== undefined;
  useEffect(() => setInLesson(mayRun ? null : false), [mayRun, setInLesson]);
  const isAwake = lesson !== undefined || device.isIdentifying || device.lastCheck.state === 'running';
  useEffect(() => setBusy(isAwake), [isAwake]);
  // Nobody waits for anything now: the rest of the application comes, to be there when the server is not.
  const keeps = isResting && !isMetered && !device.isCut;
  useEffect(() => {
    if (keeps) void keepWhole();
  }, [keeps]);
  return (
    <>
      {device.isIdentifying && <Identify />}
      {lesson ? (
        <Lesson
          key={lesson.id}
          lesson={lesson.id}
          refused={() => (
            <>
              <NoneRuns device={device} />
              <Waiting
                list={list}
                aheadMs={aheadMs}
                isLost={false}
                check={check}
                device={device}
                packs={packs}
              />
            </>
          )}
        >
          {(live) =>
            live.state.phase === 'ready' ? (
              <>
                <NoneRuns device={device} />
                <Waiting
                  list={list}
                  aheadMs={aheadMs}
                  isLost={live.view.connection !== 'joined'}
                  check={check}
                  device={device}
                  packs={packs}
                />
              </>
            ) : (
              <RoomLesson live={live} summary={lesson} check={check} device={device} />
            )
          }
        </Lesson>
      ) : (
        <Waiting
          list={list}
          aheadMs={aheadMs}
          isLost={error !== null || device.isCut}
          isResting={isResting}
          check={check}
          device={device}
          packs={packs}
        />
      )}
    </>
  );
}

/** That is for sure: it is what a check waits for, so as to disturb no lesson. */
function NoneRuns({ device: { setInLesson } }: { device: Device }) {
  useEffect(() => {
    setInLesson(false);
    return () => setInLesson(null);
  }, [setInLesson]);
  return null;
}

/** Which lesson comes next is known from before: it is joined while the list is asked for again. */
const always = () => true;

/** A session that is over: the key signs in anew. */
function useSignInAgain(error: unknown): void {
  const { forget } = useAccount();
  const signedOut = error instanceof TongkeError && error.code === 'not_signed_in';
  useEffect(() => {
    if (signedOut) forget();
  }, [signedOut, forget]);
}

/** Lessons are asked for by the week: after midnight on Sunday there are others. */
function useNewDay(now: number | undefined, again: () => void): void {
  const day = now === undefined ? null : new Date(now).getDate();
  const known = useRef(day);
  useEffect(() => {
    if (known.current !== null && day !== null && known.current !== day) again();
    known.current = day;
  }, [day, again]);
}

function NotARoom() {
  const { t } = useTranslation();
  const { signOut } = useAccount();
  const tell = useTell();
  return (
    <main>
      <Message icon={MonitorX} title={t('room.title')} text={t('room.noRole')}>
        <Button look="primary" onPress={() => signOut().catch(tell.error)}>
          {t('action.signOut')}
        </Button>
      </Message>
    </main>
  );
}
