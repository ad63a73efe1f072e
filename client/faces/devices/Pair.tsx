import { type FormEvent, useDeferredValue, useEffect, useState } from 'react';
import { Form } from 'react-aria-components/Form';
import { useTranslation } from 'react-i18next';
import { useNavigate, useSearchParams } from 'react-router';
import { deviceNumber, type RoomSummary } from '../../../protocol/devices.ts';
import { call, useQuery } from '../../api.ts';
import { Button } from '../../ui/Button.tsx';
import { Choice } from '../../ui/Choice.tsx';
import { Field } from '../../ui/Field.tsx';
import { useName } from '../../ui/Name.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { useTell } from '../../ui/Toasts.tsx';
import { Header } from '../shell/Header.tsx';
import { useSubmit } from '../signin/useSubmit.ts';
import styles from './Pair.module.css';

const NEW = 'new';
const NONE = 'none';
/** As many rooms as one page of the list may have; the others are found by their names. */
const ROOMS = '200';
/** More rooms than are chosen among at a glance. */
const MANY = 10;

/** /devices/pair: enters the code of a screen, which the scanned picture has filled in already. */
export default function Pair() {
  const { t } = useTranslation();
  const [params] = useSearchParams();
  const [code, setCode] = useState(params.get('code') ?? '');
  const [room, setRoom] = useState(params.get('room') ?? NEW);
  const [replaces, setReplaces] = useState(params.get('replaces') ?? NONE);
  const [name, setName] = useState('');
  const [school, setSchool] = useState<string | null>(null);
  const [search, setSearch] = useState('');
  const asked = useDeferredValue(search.trim());
  const { data } = useQuery('room.list', { query: { limit: ROOMS, ...(asked !== '' && { search: asked }) } });
  const [chosen, setChosen] = useChosen(params.get('room'));
  const localName = useName();
  const navigate = useNavigate();
  const tell = useTell();
  const home = school ?? data?.schools[0]?.id ?? '';
  const { submit, busy, problem } = useSubmit(async () => {
    const into = room === NEW ? { name, school: home } : { id: room };
    const input = { code, room: into, ...(room !== NEW && replaces !== NONE && { replaces }) };
    const enrolled = await call('device.enrol', { input });
    tell.info(t('rooms.paired'));
    await navigate(`/devices/${enrolled.room}`, { replace: true });
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    void submit();
  };
  const rooms = [
    { id: NEW, text: t('rooms.newRoom') },
    ...withChosen(chosen, data?.rooms ?? []).map(({ id, name: of, school: at }) => ({
      id,
      text: `${localName(of)} · ${localName(at.name)}`,
    })),
  ];
  const schools = (data?.schools ?? []).map(({ id, name: of }) => ({ id, text: localName(of) }));
  return (
    <>
      <Header />
      <main className={styles.main}>
        <h1>{t('rooms.pairTitle')}</h1>
        <p>{t('rooms.pairIntro', { address: `${location.origin}/room` })}</p>
        <Form onSubmit={onSubmit} className={styles.form}>
          {problem && <Notice tone="error">{problem}</Notice>}
          <Field
            label={t('rooms.code')}
            value={code}
            onChange={setCode}
            inputMode="numeric"
            autoComplete="off"
            isRequired
            maxLength={16}
          />
          {(search !== '' || (data?.rooms.length ?? 0) > MANY) && (
            <Field
              label={t('rooms.search')}
              type="search"
              value={search}
              onChange={setSearch}
              maxLength={80}
            />
          )}
          <Choice
            label={t('rooms.room')}
            value={room}
            options={rooms}
            onChange={(id) => {
              setRoom(id);
              setChosen(data?.rooms.find((one) => one.id === id) ?? (chosen?.id === id ? chosen : null));
              setReplaces(NONE);
            }}
          />
          {room === NEW ? (
            <>
              <Field label={t('rooms.roomName')} value={name} onChange={setName} isRequired maxLength={80} />
              <Choice label={t('rooms.school')} value={home} options={schools} onChange={setSchool} />
            </>
          ) : (
            <Replaces key={room} room={room} value={replaces} onChange={setReplaces} />
          )}
          <Button type="submit" look="primary" size="large" isPending={busy}>
            {t('rooms.submitPair')}
          </Button>
        </Form>
      </main>
    </>
  );
}

type Chosen = Pick<RoomSummary, 'id' | 'name' | 'school'>;

/** The room that the page was opened for, and then whichever is chosen: it stays when the list is searched for others. */
function useChosen(id: string | null) {
  const tell = useTell();
  const [chosen, setChosen] = useState<Chosen | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked for once
  useEffect(() => {
    if (id === null) return;
    call('room.show', { params: { room: id } })
      .then(({ room }) => setChosen((before) => before ?? room))
      .catch(tell.error);
  }, [id]);
  return [chosen, setChosen] as const;
}

function withChosen(chosen: Chosen | null, rooms: readonly Chosen[]): readonly Chosen[] {
  return chosen && !rooms.some(({ id }) => id === chosen.id) ? [chosen, ...rooms] : rooms;
}

interface ReplacesProps {
  readonly room: string;
  readonly value: string;
  readonly onChange: (device: string) => void;
}

function Replaces({ room, value, onChange }: ReplacesProps) {
  const { t } = useTranslation();
  const { data } = useQuery('room.show', { params: { room } });
  if (!data || data.room.devices.length === 0) return null;
  const options = [
    { id: NONE, text: t('rooms.replacesNone') },
    ...data.room.devices.map(({ id }) => ({ id, text: t('rooms.device', { n: deviceNumber(id) }) })),
  ];
  return <Choice label={t('rooms.replaces')} value={value} options={options} onChange={onChange} />;
}
