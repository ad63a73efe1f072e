import { Bell, Download, MonitorSmartphone, Plus, SearchX } from 'lucide-react';
import { useDeferredValue, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { RouteOutput } from '../../../protocol/api.ts';
import { Level, type RoomSummary } from '../../../protocol/devices.ts';
import { useQuery } from '../../api.ts';
import { Button } from '../../ui/Button.tsx';
import { Choice } from '../../ui/Choice.tsx';
import { Field } from '../../ui/Field.tsx';
import { LinkButton } from '../../ui/LinkButton.tsx';
import { Message, Opening } from '../../ui/Message.tsx';
import { Name, useName } from '../../ui/Name.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { timeOfDay } from '../../ui/time.ts';
import { useErrorText } from '../../ui/useErrorText.ts';
import { Header } from '../shell/Header.tsx';
import { LevelMark } from './LevelMark.tsx';
import styles from './Rooms.module.css';
import { useMoment } from './useMoment.ts';

/** A room that falls ill should be seen to; an answer of fifty rooms is some 4 kB compressed. Milliseconds. */
const REFRESH = 10_000;
const PAGE = 50;
const ALL_SCHOOLS = 'all';

/** /devices: every room that the reader looks after, worst first. The server sorts, searches and pages. */
export default function Rooms() {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [search, setSearch] = useState('');
  const [level, setLevel] = useState<Level | null>(null);
  const [school, setSchool] = useState(ALL_SCHOOLS);
  const [from, setFrom] = useState(0);
  const asked = useDeferredValue(search.trim());
  const filter = {
    ...(asked !== '' && { search: asked }),
    ...(level !== null && { level }),
    ...(school !== ALL_SCHOOLS && { school }),
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: another question begins at its first page
  useEffect(() => setFrom(0), [asked, level, school]);
  const query = { ...filter, from: String(from), limit: String(PAGE) };
  const { data, error, again } = useQuery('room.list', { query, every: REFRESH });
  return (
    <>
      <Header />
      <main className={styles.main}>
        <header className={styles.head}>
          <h1>{t('rooms.title')}</h1>
          <div className={styles.tools}>
            <AlertCount />
            <a className={styles.file} href={`/api/v1/rooms.csv?${new URLSearchParams(filter)}`} download>
              <Download aria-hidden size={20} /> {t('rooms.export')}
            </a>
            <LinkButton to="/devices/limits">{t('links.schools')}</LinkButton>
            <LinkButton to="/devices/pair" look="primary" icon={Plus}>
              {t('rooms.pair')}
            </LinkButton>
          </div>
        </header>
        <div className={styles.filters}>
          <Field label={t('rooms.search')} type="search" value={search} onChange={setSearch} maxLength={80} />
          {data && data.schools.length > 1 && (
            <SchoolChoice schools={data.schools} value={school} onChange={setSchool} />
          )}
        </div>
        {data && <Levels counts={data.counts} chosen={level} onChoose={setLevel} />}
        {error !== null && (
          <Notice tone="warning" action={<Button onPress={again}>{t('action.retry')}</Button>}>
            {errorText(error)}
          </Notice>
        )}
        {!data && error === null && <Opening text={t('state.loading')} />}
        {data && <List data={data} from={from} onPage={setFrom} level={level} />}
      </main>
    </>
  );
}

/** How many things are wrong that nobody sees to yet. */
function AlertCount() {
  const { t } = useTranslation();
  const { data } = useQuery('alert.list', { every: REFRESH });
  const waiting = data?.open.filter(({ acknowledged }) => acknowledged === null).length ?? 0;
  return (
    <LinkButton to="/devices/alerts" icon={Bell}>
      {waiting === 0 ? t('alerts.title') : t('alerts.count', { n: waiting })}
    </LinkButton>
  );
}

type Answer = RouteOutput<'room.list'>;

interface SchoolChoiceProps {
  readonly schools: Answer['schools'];
  readonly value: string;
  readonly onChange: (school: string) => void;
}

function SchoolChoice({ schools, value, onChange }: SchoolChoiceProps) {
  const { t } = useTranslation();
  const name = useName();
  const options = [
    { id: ALL_SCHOOLS, text: t('rooms.allSchools') },
    ...schools.map((school) => ({ id: school.id, text: name(school.name) })),
  ];
  return <Choice label={t('rooms.school')} value={value} options={options} onChange={onChange} />;
}

interface LevelsProps {
  readonly counts: Answer['counts'];
  readonly chosen: Level | null;
  readonly onChoose: (level: Level | null) => void;
}

function Levels({ counts, chosen, onChoose }: LevelsProps) {
  const { t } = useTranslation();
  const all = Level.options.reduce((sum, level) => sum + counts[level], 0);
  return (
    <fieldset className={styles.levels}>
      <legend className={styles.unseen}>{t('rooms.filter')}</legend>
      <button type="button" aria-pressed={chosen === null} onClick={() => onChoose(null)}>
        {t('rooms.all')} <b>{all}</b>
      </button>
      {Level.options.map((level) => (
        <button
          key={level}
          type="button"
          aria-pressed={chosen === level}
          onClick={() => onChoose(chosen === level ? null : level)}
        >
          <LevelMark level={level} /> {t(`rooms.level.${level}`)} <b>{counts[level]}</b>
        </button>
      ))}
    </fieldset>
  );
}

interface ListProps {
  readonly data: Answer;
  readonly from: number;
  readonly level: Level | null;
  readonly onPage: (from: number) => void;
}

function List({ data: { rooms, counts, now }, from, level, onPage }: ListProps) {
  const { t } = useTranslation();
  const all = level ? counts[level] : Level.options.reduce((sum, one) => sum + counts[one], 0);
  if (rooms.length === 0) {
    return <Message icon={SearchX} title={t('rooms.none')} text={t('rooms.noneHint')} />;
  }
  return (
    <>
      <ul className={styles.list}>
        {rooms.map((room) => (
          <Row key={room.id} room={room} now={now} />
        ))}
      </ul>
      {all > PAGE && (
        <nav className={styles.pages}>
          <Button isDisabled={from === 0} onPress={() => onPage(Math.max(0, from - PAGE))}>
            {t('rooms.previous')}
          </Button>
          <p>{t('rooms.shown', { from: from + 1, to: from + rooms.length, all })}</p>
          <Button isDisabled={from + PAGE >= all} onPress={() => onPage(from + PAGE)}>
            {t('rooms.next')}
          </Button>
        </nav>
      )}
    </>
  );
}

function Row({ room, now }: { room: RoomSummary; now: number }) {
  const { t } = useTranslation();
  const moment = useMoment(now);
  const { next } = room;
  return (
    <li>
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
