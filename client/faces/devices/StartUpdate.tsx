import { type FormEvent, useState } from 'react';
import { Form } from 'react-aria-components/Form';
import { useTranslation } from 'react-i18next';
import type { RouteOutput } from '../../../protocol/api.ts';
import type { WavePlan } from '../../../protocol/updates.ts';
import { call } from '../../api.ts';
import { Button } from '../../ui/Button.tsx';
import { Choice } from '../../ui/Choice.tsx';
import { useName } from '../../ui/Name.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { useSubmit } from '../signin/useSubmit.ts';
import styles from './RoomPage.module.css';

const SOAK_MINUTES = [15, 60, 1_440];
const FAIL_PERCENTS = [0, 10, 25];
/** After the first room: a quarter of all, then the rest. */
const THEN: readonly WavePlan[] = [{ percent: 25 }, { percent: 100 }];

interface StartUpdateProps {
  readonly newest: string;
  /** Those that run another build; one at least. */
  readonly rooms: RouteOutput<'update.list'>['behind'];
  readonly onStarted: () => void;
}

/** How careful a roll-out shall be, and its beginning. */
export function StartUpdate({ newest, rooms, onStarted }: StartUpdateProps) {
  const { t } = useTranslation();
  const name = useName();
  const [chosen, setFirst] = useState(rooms[0]?.id ?? '');
  const [soak, setSoak] = useState(String(SOAK_MINUTES[1]));
  const [fail, setFail] = useState(String(FAIL_PERCENTS[1]));
  // The room that was chosen may be up to date meanwhile.
  const first = rooms.some(({ id }) => id === chosen) ? chosen : (rooms[0]?.id ?? '');
  const { submit, busy, problem } = useSubmit(async () => {
    const waves = [{ rooms: [first] }, ...THEN];
    const input = { waves, soakMinutes: Number(soak), failPercent: Number(fail) };
    await call('update.start', { input });
    onStarted();
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    void submit();
  };
  return (
    <section className={styles.card} aria-labelledby="update-start">
      <h2 id="update-start">{t('updates.behind', { n: rooms.length, build: newest })}</h2>
      <Form onSubmit={onSubmit} className={styles.form}>
        {problem && <Notice tone="error">{problem}</Notice>}
        <Choice
          label={t('updates.first')}
          value={first}
          options={rooms.map(({ id, name: own, school }) => ({ id, text: `${name(own)} · ${name(school)}` }))}
          onChange={setFirst}
        />
        <Choice
          label={t('updates.soak')}
          value={soak}
          options={SOAK_MINUTES.map((n) => ({ id: String(n), text: t('updates.minutes', { n }) }))}
          onChange={setSoak}
        />
        <Choice
          label={t('updates.fail')}
          value={fail}
          options={FAIL_PERCENTS.map((n) => ({ id: String(n), text: t('updates.percent', { n }) }))}
          onChange={setFail}
        />
        <Button type="submit" look="primary" isPending={busy}>
          {t('updates.start')}
        </Button>
      </Form>
    </section>
  );
}
