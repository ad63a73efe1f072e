import { type FormEvent, useState } from 'react';
import { Form } from 'react-aria-components/Form';
import { useTranslation } from 'react-i18next';
import type { RoomDetail } from '../../../protocol/devices.ts';
import { call } from '../../api.ts';
import { Button } from '../../ui/Button.tsx';
import { Choice } from '../../ui/Choice.tsx';
import { Field } from '../../ui/Field.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { useTell } from '../../ui/Toasts.tsx';
import { useSubmit } from '../signin/useSubmit.ts';
import styles from './RoomPage.module.css';

const VOLUMES = [0.1, 0.25, 0.5, 0.75, 1];

/** Name, volume and notes: what stays with the room, whatever screen it has. */
export function RoomSettingsForm({ room, again }: { room: RoomDetail; again: () => void }) {
  const { t } = useTranslation();
  const tell = useTell();
  const [name, setName] = useState(room.name['zh-CN']);
  const [notes, setNotes] = useState(room.notes);
  const [volume, setVolume] = useState(String(room.settings.volume));
  const { submit, busy, problem } = useSubmit(async () => {
    const settings = { volume: Number(volume) };
    // A name that was not touched keeps its other languages.
    const renamed = name !== room.name['zh-CN'] && { name };
    await call('room.update', { params: { room: room.id }, input: { notes, settings, ...renamed } });
    tell.info(t('rooms.saved'));
    again();
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    void submit();
  };
  const volumes = withCurrent(VOLUMES, room.settings.volume).map((value) => ({
    id: String(value),
    text: `${Math.round(value * 100)}%`,
  }));
  return (
    <section className={styles.card} aria-labelledby="settings">
      <h2 id="settings">{t('rooms.settings')}</h2>
      <Form onSubmit={onSubmit} className={styles.form}>
        {problem && <Notice tone="error">{problem}</Notice>}
        <Field label={t('rooms.roomName')} value={name} onChange={setName} isRequired maxLength={80} />
        <Choice label={t('rooms.volume')} value={volume} options={volumes} onChange={setVolume} />
        <label className={styles.notes}>
          {t('rooms.notes')}
          <textarea
            value={notes}
            onChange={(event) => setNotes(event.target.value)}
            placeholder={t('rooms.notesHint')}
            maxLength={4000}
            rows={3}
          />
        </label>
        <Button type="submit" isPending={busy}>
          {t('rooms.save')}
        </Button>
      </Form>
    </section>
  );
}

/** What a program has set need not be among our steps. */
function withCurrent(values: readonly number[], current: number): number[] {
  return [...new Set([...values, current])].sort((a, b) => a - b);
}
