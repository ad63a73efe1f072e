import { MonitorSmartphone, SearchX } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { RouteOutput } from '../../../protocol/api.ts';
import type { RoomSummary } from '../../../protocol/devices.ts';
import { Button } from '../../ui/Button.tsx';
import { Message } from '../../ui/Message.tsx';
import { Name, useName } from '../../ui/Name.tsx';
import { timeOfDay } from '../../ui/time.ts';
import { LevelMark } from './LevelMark.tsx';
import styles from './Rooms.module.css';
import { useMoment } from './useMoment.ts';
import type { Selection } from './useSelection.ts';

/** Rooms of one page of the list. */
export const PAGE = 50;

interface RoomListProps {
  readonly data: RouteOutput<'room.list'>;
  readonly from: number;
  /** How many fit, on all pages. */
  readonly all: number;
  readonly selection: Selection;
  readonly onPage: (from: number) => void;
}

export function RoomList({ data: { rooms, now }, from, all, selection, onPage }: RoomListProps) {
  const { t } = useTranslation();
  if (rooms.length === 0) {
    return <Message icon={SearchX} title={t('rooms.none')} text={t('rooms.noneHint')} />;
  }
  return (
    <>
      <ul className={styles.list}>
        {rooms.map((room) => (
          <Row key={room.id} room={room} now={now} selection={selection} />
        ))}
      </ul>
      <nav className={styles.pages}>
        {all > PAGE && (
          <>
            <Button isDisabled={from === 0} onPress={() => onPage(Math.max(0, from - PAGE))}>
              {t('rooms.previous')}
            </Button>
            <p>{t('rooms.shown', { from: from + 1, to: from + rooms.length, all })}</p>
            <Button isDisabled={from + PAGE >= all} onPress={() => onPage(from + PAGE)}>
              {t('rooms.next')}
            </Button>
          </>
        )}
        <Button look="quiet" onPress={selection.all}>
          {t('rooms.selectAll', { n: all })}
        </Button>
      </nav>
    </>
  );
}

function Row({ room, now, selection }: { room: RoomSummary; now: number; selection: Selection }) {
  const { t } = useTranslation();
  const name = useName();
  const moment = useMoment(now);
  const { next } = room;
  return (
    <li className={styles.item}>
      <label className={styles.select}>
        <span className={styles.unseen}>{t('rooms.select', { name: name(room.name) })}</span>
        <input
          type="checkbox"
          checked={selection.rooms.includes(room.id)}
          onChange={() => selection.toggle(room.id)}
        />
      </label>
      <Link to={`/devices/${room.id}`} className={styles.row} data-level={room.level}>
        <LevelMark level={room.level} />
        <span className={styles.name}>
          <strong>
            <Name of={room.name} />
          </strong>
          <small>
            <Name of={room.school.name} />
          </small>
        </span>
        <span className={styles.reason}>
          {t(`rooms.reason.${room.reason}`)}
          {!room.online && room.seenAt !== null && (
            <small>{t('rooms.seen', { when: moment(room.seenAt) })}</small>
          )}
        </span>
        <span className={styles.lesson}>
          {next ? (
            <>
              {next.live ? t('state.live') : `${moment(next.startsAt, true)} ${timeOfDay(next.startsAt)}`}
              <small>
                <Name of={next.title} />
              </small>
            </>
          ) : (
            <small>{t('rooms.noLesson')}</small>
          )}
        </span>
        <MonitorSmartphone aria-hidden size={20} className={room.online ? styles.here : styles.gone} />
      </Link>
    </li>
  );
}
