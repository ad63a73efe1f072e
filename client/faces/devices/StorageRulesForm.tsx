import { type FormEvent, useState } from 'react';
import { Form } from 'react-aria-components/Form';
import { useTranslation } from 'react-i18next';
import type { StorageRules } from '../../../protocol/storage-rules.ts';
import { call } from '../../api.ts';
import { Button } from '../../ui/Button.tsx';
import { Choice } from '../../ui/Choice.tsx';
import { classes } from '../../ui/classes.ts';
import { Confirm } from '../../ui/Dialog.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { useTell } from '../../ui/Toasts.tsx';
import { useSubmit } from '../signin/useSubmit.ts';
import page from './RoomPage.module.css';
import styles from './Storage.module.css';

const NONE = 'none';
const DAYS = [30, 90, 180, 365, 1_095];
const GIGABYTES = [10, 20, 50, 100, 200, 500, 1_000, 2_000];

interface StorageRulesFormProps {
  readonly school: string;
  readonly rules: StorageRules;
  readonly onSaved: () => void;
}

/** What a school's replays may take, and what becomes of them as time goes. Asks first where the coming night would delete something. */
export function StorageRulesForm({ school, rules, onSaved }: StorageRulesFormProps) {
  const { t } = useTranslation();
  const tell = useTell();
  const [value, setValue] = useState(rules);
  const [asks, setAsks] = useState(false);
  const { submit, busy, problem } = useSubmit(async () => {
    await call('storage.rule', { params: { school }, input: value });
    tell.info(t('storage.saved'));
    onSaved();
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (deletesMore(rules, value)) setAsks(true);
    else void submit();
  };
  return (
    <Form onSubmit={onSubmit} className={page.form}>
      <p className={styles.wide}>{t('storage.rulesText')}</p>
      {problem && <Notice tone="error">{problem}</Notice>}
      <NumberChoice
        label={t('storage.quota')}
        value={value.quotaGb}
        offered={GIGABYTES}
        none={t('storage.quotaNone')}
        text={(n) => t('storage.quotaGb', { n })}
        onChange={(quotaGb) => setValue({ ...value, quotaGb })}
      />
      {(['pictureDays', 'allDays'] as const).map((key) => (
        <NumberChoice
          key={key}
          label={t(`storage.${key}`)}
          value={value[key]}
          offered={DAYS}
          none={t('storage.ever')}
          text={(n) => t('storage.days', { n })}
          onChange={(days) => setValue({ ...value, [key]: days })}
        />
      ))}
      <label className={classes(styles.check, styles.wide)}>
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

function deletesMore(before: StorageRules, after: StorageRules): boolean {
  return (['pictureDays', 'allDays'] as const).some(
    (key) => (after[key] ?? Number.POSITIVE_INFINITY) < (before[key] ?? Number.POSITIVE_INFINITY),
  );
}

interface NumberChoiceProps {
  readonly label: string;
  readonly value: number | null;
  readonly offered: readonly number[];
  /** What null is called. */
  readonly none: string;
  readonly text: (n: number) => string;
  readonly onChange: (value: number | null) => void;
}

function NumberChoice({ label, value, offered, none, text, onChange }: NumberChoiceProps) {
  const all = value === null || offered.includes(value) ? offered : [value, ...offered];
  return (
    <Choice
      label={label}
      value={value === null ? NONE : String(value)}
      options={[{ id: NONE, text: none }, ...all.map((n) => ({ id: String(n), text: text(n) }))]}
      onChange={(id) => onChange(id === NONE ? null : Number(id))}
    />
  );
}
