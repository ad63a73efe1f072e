import { ArrowLeft, MonitorX } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import type { RoomDetail } from '../../../protocol/devices.ts';
import { useQuery } from '../../api.ts';
import { Button } from '../../ui/Button.tsx';
import { LinkButton } from '../../ui/LinkButton.tsx';
import { Message, Opening } from '../../ui/Message.tsx';
import { Name } from '../../ui/Name.tsx';
import { timeOfDay } from '../../ui/time.ts';
import { useErrorText } from '../../ui/useErrorText.ts';
import { Header } from '../shell/Header.tsx';
import { DeviceSection } from './DeviceSection.tsx';
import { LevelMark } from './LevelMark.tsx';
import { RoomLink } from './RoomLink.tsx';
import { RoomPacks } from './RoomPacks.tsx';
import styles from './RoomPage.module.css';
import { RoomSettingsForm } from './RoomSettingsForm.tsx';
import { useMoment } from './useMoment.ts';

/** A command's result is waited for with the telephone in the hand. Milliseconds. */
const REFRESH = 3_000;

/** /devices/:room: one room, its screens, and what can be done from afar. */
export default function RoomPage() {
  const { t } = useTranslation();
  const { room: id = '' } = useParams();
  const errorText = useErrorText();
  const { data, error, again } = useQuery('room.show', { params: { room: id }, every: REFRESH });
  return (
    <>
      <Header />
      <main className={styles.main}>
        <Link to="/devices" className={styles.back}>
          <ArrowLeft aria-hidden size={20} /> {t('rooms.back')}
        </Link>
        {!data && error === null && <Opening text={t('state.loading')} />}
        {!data && error !== null && (
          <Message icon={MonitorX} title={t('rooms.title')} text={errorText(error)}>
            <Button onPress={again}>{t('action.retry')}</Button>
          </Message>
        )}
        {data && <Room room={data.room} now={data.now} again={again} />}
      </main>
    </>
  );
}

interface RoomProps {
  readonly room: RoomDetail;
  readonly now: number;
  readonly again: () => void;
}

function Room({ room, now, again }: RoomProps) {
  const { t } = useTranslation();
  const moment = useMoment(now);
  const { next } = room;
  return (
    <>
      <header className={styles.head}>
        <h1>
          <LevelMark level={room.level} /> <Name of={room.name} />
        </h1>
        <p>
          <Name of={room.school.name} />
        </p>
        <p className={styles.reason}>
          {t(`rooms.reason.${room.reason}`)}
          {!room.online &&
            ` · ${room.seenAt === null ? t('rooms.never') : t('rooms.seen', { when: moment(room.seenAt) })}`}
        </p>
        <p>
          {next ? (
            <>
              {t('rooms.nextLesson')}:{' '}
              {next.live ? t('state.live') : `${moment(next.startsAt, true)} ${timeOfDay(next.startsAt)}`} ·{' '}
              <Name of={next.title} />
            </>
          ) : (
            t('rooms.noLesson')
          )}
        </p>
      </header>
      {room.devices.map((device) => (
        <DeviceSection key={device.id} room={room.id} device={device} now={now} again={again} />
      ))}
      {room.devices.length === 0 && (
        <LinkButton to={`/devices/pair?room=${room.id}`} look="primary">
          {t('rooms.pair')}
        </LinkButton>
      )}
      <RoomPacks key={`${room.id} packs`} room={room.id} moment={moment} />
      <RoomLink key={`${room.id} link`} room={room} again={again} />
      <RoomSettingsForm key={room.id} room={room} again={again} />
    </>
  );
}
