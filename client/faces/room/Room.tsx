import { MonitorX } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useQuery } from '../../api.ts';
import { useAccount } from '../../router/account.tsx';
import { Button } from '../../ui/Button.tsx';
import { Message } from '../../ui/Message.tsx';
import { useTell } from '../../ui/Toasts.tsx';
import { useAwake } from '../../ui/useAwake.ts';
import { Lesson } from '../live/Lesson.tsx';
import { lessonFor } from './lesson-for.ts';
import styles from './Room.module.css';
import { RoomLesson } from './RoomLesson.tsx';
import { useDeviceCheck } from './useDeviceCheck.ts';
import { Waiting } from './Waiting.tsx';

/** How soon a screen notices that a lesson has begun, milliseconds. */
const REFRESH = 5000;

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
  const { data, error } = useQuery('lesson.list', { every: REFRESH });
  const check = useDeviceCheck();
  const lesson = data && lessonFor(data.lessons, data.now);
  if (!lesson) return <Waiting list={data} isLost={error !== null} check={check} />;
  return (
    <Lesson
      key={lesson.id}
      lesson={lesson.id}
      refused={() => <Waiting list={data} isLost={false} check={check} />}
    >
      {(live) =>
        live.state.phase === 'ready' ? (
          <Waiting list={data} isLost={live.view.connection !== 'joined'} check={check} />
        ) : (
          <RoomLesson live={live} summary={lesson} check={check} />
        )
      }
    </Lesson>
  );
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
