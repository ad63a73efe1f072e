import { type FormEvent, useState } from 'react';
import { Form } from 'react-aria-components/Form';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Ceiling } from '../../../protocol/ceilings.ts';
import type { RoomDetail } from '../../../protocol/devices.ts';
import { LinkChoice } from '../../../protocol/link.ts';
import { call, useQuery } from '../../api.ts';
import { Button } from '../../ui/Button.tsx';
import { Choice } from '../../ui/Choice.tsx';
import { useName } from '../../ui/Name.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { useTell } from '../../ui/Toasts.tsx';
import { useSubmit } from '../signin/useSubmit.ts';
import { CeilingFields } from './CeilingFields.tsx';
import { clock } from './minutes.ts';
import styles from './RoomPage.module.css';

/** A lesson's ladder moves once a minute at most; whoever telephones should still see it move. Milliseconds. */
const REFRESH = 5_000;

/** What the room receives of a lesson just now, and the most that it may be given and its line be asked for. */
export function RoomLink({ room, again }: { room: RoomDetail; again: () => void }) {
  const { t } = useTranslation();
  return (
    <section className={styles.card} aria-labelledby="link">
      <h2 id="link">{t('links.title')}</h2>
      <Receiving room={room.id} />
      <RoomCeiling room={room} again={again} />
    </section>
  );
}

function Receiving({ room }: { room: string }) {
  const { t } = useTranslation();
  const name = useName();
  const { data } = useQuery('room.link', { params: { room }, every: REFRESH });
  if (!data) return null;
  const { receiving, nowKbps, school } = data;
  return (
    <div className={styles.facts}>
      <p>
        {receiving
          ? t('links.receiving', {
              lesson: name(receiving.lesson),
              what: t(`link.gets.${receiving.rung}`),
            })
          : t('links.idle')}
        {receiving && receiving.choice !== 'all' && ` (${t('link.chosen')})`}
      </p>
      {receiving && <p>{nowKbps === null ? t('links.nowNone') : t('links.now', { n: nowKbps })}</p>}
      <p>
        <SchoolCeiling ceiling={school} /> · <Link to="/devices/limits">{t('links.schools')}</Link>
      </p>
    </div>
  );
}

function SchoolCeiling({ ceiling }: { ceiling: Ceiling | null }) {
  const { t } = useTranslation();
  if (!ceiling) return t('links.schoolNone');
  const { kbps: n, hours } = ceiling;
  if (!hours) return t('links.school', { n });
  return t('links.schoolHours', { n, from: clock(hours.from), until: clock(hours.until) });
}

function RoomCeiling({ room, again }: { room: RoomDetail; again: () => void }) {
  const { t } = useTranslation();
  const tell = useTell();
  const { ceilingKbps, ceilingHours = null } = room.settings;
  const [ceiling, setCeiling] = useState(
    ceilingKbps === null ? null : { kbps: ceilingKbps, hours: ceilingHours },
  );
  const [allowed, setAllowed] = useState<LinkChoice>(room.settings.allowed ?? 'all');
  const { submit, busy, problem } = useSubmit(async () => {
    const settings = { ceilingKbps: ceiling?.kbps ?? null, ceilingHours: ceiling?.hours ?? null, allowed };
    await call('room.update', { params: { room: room.id }, input: { settings } });
    tell.info(t('links.saved'));
    again();
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    void submit();
  };
  return (
    <Form onSubmit={onSubmit} className={styles.form}>
      {problem && <Notice tone="error">{problem}</Notice>}
      <CeilingFields value={ceiling} onChange={setCeiling} />
      <Choice
        label={t('links.allowed')}
        value={allowed}
        options={LinkChoice.options.map((id) => ({ id, text: t(`link.choice.${id}`) }))}
        onChange={(id) => setAllowed(LinkChoice.parse(id))}
      />
      <Button type="submit" isPending={busy}>
        {t('links.save')}
      </Button>
    </Form>
  );
}
