import { type FormEvent, useState } from 'react';
import { Form } from 'react-aria-components/Form';
import { useTranslation } from 'react-i18next';
import { useNavigate, useSearchParams } from 'react-router';
import { deviceNumber } from '../../../protocol/devices.ts';
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
/** As many rooms as one page of the list may have; beyond it the search of the list leads to the room first. */
const ROOMS = '200';

/** /devices/pair: enters the code of a screen, which the scanned picture has filled in already. */
export default function Pair() {
  const { t } = useTranslation();
  const [params] = useSearchParams();
  const [code, setCode] = useState(params.get('code') ?? '');
  const [room, setRoom] = useState(params.get('room') ?? NEW);
  const [replaces, setReplaces] = useState(params.get('replaces') ?? NONE);
  const [name, setName] = useState('');
  const [school, setSchool] = useState<string | null>(null);
  const { data } = useQuery('room.list', { query: { limit: ROOMS } });
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
    ...(data?.rooms ?? []).map(({ id, name: of, school: at }) => ({
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
          <Choice
            label={t('rooms.room')}
            value={room}
            options={rooms}
            onChange={(id) => {
              setRoom(id);
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
