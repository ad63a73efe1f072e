import { Bell, Download, Plus } from 'lucide-react';
import { useDeferredValue, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RouteOutput } from '../../../protocol/api.ts';
import { Level } from '../../../protocol/devices.ts';
import { useQuery } from '../../api.ts';
import { Button } from '../../ui/Button.tsx';
import { Choice } from '../../ui/Choice.tsx';
import { Field } from '../../ui/Field.tsx';
import { LinkButton } from '../../ui/LinkButton.tsx';
import { Opening } from '../../ui/Message.tsx';
import { useName } from '../../ui/Name.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { useErrorText } from '../../ui/useErrorText.ts';
import { Header } from '../shell/Header.tsx';
import { Bulk } from './Bulk.tsx';
import { DiskWarning } from './DiskWarning.tsx';
import { LevelMark } from './LevelMark.tsx';
import { PAGE, RoomList } from './RoomList.tsx';
import styles from './Rooms.module.css';
import { useSelection } from './useSelection.ts';

/** A room that falls ill should be seen to; an answer of fifty rooms is some 4 kB compressed. Milliseconds. */
const REFRESH = 10_000;
const ALL_SCHOOLS = 'all';
const ORDERS = ['worst', 'lesson'] as const;
type Order = (typeof ORDERS)[number];

/** /devices: every room that the reader looks after, worst first. The server sorts, searches and pages. */
export default function Rooms() {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [search, setSearch] = useState('');
  const [level, setLevel] = useState<Level | null>(null);
  const [school, setSchool] = useState(ALL_SCHOOLS);
  const [order, setOrder] = useState<Order>('worst');
  const [from, setFrom] = useState(0);
  const asked = useDeferredValue(search.trim());
  const filter = {
    ...(asked !== '' && { search: asked }),
    ...(level !== null && { level }),
    ...(school !== ALL_SCHOOLS && { school }),
    ...(order !== 'worst' && { order }),
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: another question begins at its first page
  useEffect(() => setFrom(0), [asked, level, school, order]);
  const query = { ...filter, from: String(from), limit: String(PAGE) };
  const { data, error, again } = useQuery('room.list', { query, every: REFRESH });
  const selection = useSelection(filter);
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
            <LinkButton to="/devices/updates">{t('updates.title')}</LinkButton>
            <LinkButton to="/devices/limits">{t('links.schools')}</LinkButton>
            <LinkButton to="/devices/storage">{t('storage.space')}</LinkButton>
            <LinkButton to="/devices/pair" look="primary" icon={Plus}>
              {t('rooms.pair')}
            </LinkButton>
          </div>
        </header>
        <DiskWarning />
        <div className={styles.filters}>
          <Field label={t('rooms.search')} type="search" value={search} onChange={setSearch} maxLength={80} />
          {data && data.schools.length > 1 && (
            <SchoolChoice schools={data.schools} value={school} onChange={setSchool} />
          )}
          <Choice
            label={t('rooms.order')}
            value={order}
            options={ORDERS.map((id) => ({ id, text: t(`rooms.orders.${id}`) }))}
            onChange={(id) => setOrder(ORDERS.find((one) => one === id) ?? order)}
          />
        </div>
        {data && <Levels counts={data.counts} chosen={level} onChoose={setLevel} />}
        {error !== null && (
          <Notice tone="warning" action={<Button onPress={again}>{t('action.retry')}</Button>}>
            {errorText(error)}
          </Notice>
        )}
        {!data && error === null && <Opening text={t('state.loading')} />}
        {data && (
          <RoomList
            data={data}
            from={from}
            onPage={setFrom}
            all={countOf(data.counts, level)}
            selection={selection}
          />
        )}
        {/* Below, so that the list stays where it is when the first room is chosen. */}
        {selection.rooms.length > 0 && <Bulk rooms={selection.rooms} onClear={selection.clear} />}
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

function countOf(counts: Answer['counts'], level: Level | null): number {
  return level ? counts[level] : Level.options.reduce((sum, one) => sum + counts[one], 0);
}

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
  const all = countOf(counts, null);
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
