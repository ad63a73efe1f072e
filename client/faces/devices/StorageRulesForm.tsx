import { type FormEvent, useState } from 'react';
import { Form } from 'react-aria-components/Form';
import { useTranslation } from 'react-i18next';
import type { StorageRules } from '../../../protocol/storage-rules.ts';
import { call } from '../../api.ts';
import { Button } from '../../ui/Button.tsx';
import { Choice } from '../../ui/Choice.tsx';
import { Confirm } from '../../ui/Dialog.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { useTell } from '../../ui/Toasts.tsx';
import { useSubmit } from '../signin/useSubmit.ts';
import page from './RoomPage.module.css';
import styles from './Storage.module.css';

const EVER = 'ever';
const DAYS = [30, 90, 180, 365, 1_095];

/** What becomes of a school's replays as time goes. Asks first where the coming night would delete something. */
export function StorageRulesForm({ school, rules }: { school: string; rules: StorageRules }) {
  const { t } = useTranslation();
  const tell = useTell();
  const [value, setValue] = useState(rules);
  const [asks, setAsks] = useState(false);
  const { submit, busy, problem } = useSubmit(async () => {
    await call('storage.rule', { params: { school }, input: value });
    tell.info(t('storage.saved'));
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (value.pictureDays !== null || value.allDays !== null) setAsks(true);
    else void submit();
  };
  return (
    <Form onSubmit={onSubmit} className={page.form}>
      <h3>{t('storage.rules')}</h3>
      <p className={page.facts}>{t('storage.rulesText')}</p>
      {problem && <Notice tone="error">{problem}</Notice>}
      {(['pictureDays', 'allDays'] as const).map((key) => (
        <DaysChoice
          key={key}
          label={t(`storage.${key}`)}
          days={value[key]}
          onChange={(days) => setValue({ ...value, [key]: days })}
        />
      ))}
      <label className={styles.check}>
        <input
          type="checkbox"
          checked={value.leadDeletes}
          onChange={() => setValue({ ...value, leadDeletes: !value.leadDeletes })}
        />
        {t('storage.leadDeletes')}
      </label>
      <Button type="submit" isPending={busy}>
        {t('storage.save')}
      </Button>
      <Confirm
        isOpen={asks}
        onClose={() => setAsks(false)}
        title={t('storage.shorter')}
        confirm={t('storage.save')}
        onConfirm={() => void submit()}
      >
        <p>{t('storage.shorterText')}</p>
      </Confirm>
    </Form>
  );
}

interface DaysChoiceProps {
  readonly label: string;
  readonly days: number | null;
  readonly onChange: (days: number | null) => void;
}

function DaysChoice({ label, days, onChange }: DaysChoiceProps) {
  const { t } = useTranslation();
  const offered = days === null || DAYS.includes(days) ? DAYS : [days, ...DAYS];
  return (
    <Choice
      label={label}
      value={days === null ? EVER : String(days)}
      options={[
        { id: EVER, text: t('storage.ever') },
        ...offered.map((n) => ({ id: String(n), text: t('storage.days', { n }) })),
      ]}
      onChange={(id) => onChange(id === EVER ? null : Number(id))}
    />
  );
}
