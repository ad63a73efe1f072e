import { type FormEvent, useState } from 'react';
import { Form } from 'react-aria-components/Form';
import { useTranslation } from 'react-i18next';
import type { AlertSettings } from '../../../protocol/alerts.ts';
import type { RouteOutput } from '../../../protocol/api.ts';
import { call, useQuery } from '../../api.ts';
import { Button } from '../../ui/Button.tsx';
import { Choice } from '../../ui/Choice.tsx';
import { Field } from '../../ui/Field.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { useTell } from '../../ui/Toasts.tsx';
import { useSubmit } from '../signin/useSubmit.ts';
import styles from './Alerts.module.css';
import page from './RoomPage.module.css';

const OFF = 'off';
/** Minutes of a day, by the half hour. */
const TIMES = Array.from({ length: 48 }, (_, i) => i * 30);
/** When schools sleep. */
const NIGHT = { from: 22 * 60, until: 6 * 60 + 30 };

/** How the reader is told of alerts. */
export function AlertSettingsForm() {
  const { t } = useTranslation();
  const { data, again } = useQuery('alert.settings');
  if (!data) return null;
  return (
    <section className={page.card} aria-labelledby="how">
      <h2 id="how">{t('alerts.settings')}</h2>
      <Settings key={JSON.stringify(data.settings)} known={data} again={again} />
    </section>
  );
}

function Settings({ known, again }: { known: RouteOutput<'alert.settings'>; again: () => void }) {
  const { t } = useTranslation();
  const tell = useTell();
  const [mail, setMail] = useState(known.settings.mail.join(', '));
  const [webhook, setWebhook] = useState(known.settings.webhook ?? '');
  const [least, setLeast] = useState(known.settings.least);
  const [quiet, setQuiet] = useState(known.settings.quiet);
  const { submit, busy, problem } = useSubmit(async () => {
    const input: AlertSettings = {
      mail: mail.split(/[,，;；\s]+/).filter((address) => address !== ''),
      webhook: webhook.trim() === '' ? null : webhook.trim(),
      ...{ least, quiet },
    };
    await call('alert.configure', { input });
    tell.info(t('alerts.saved'));
    again();
  });
  const test = useSubmit(async () => {
    const results = Object.values(await call('alert.test', { input: {} }));
    if (results.includes('failed')) throw new TestFailed();
    tell.info(t(results.includes('sent') ? 'alerts.testSent' : 'alerts.testOff'));
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    void submit();
  };
  const kinds = [
    { id: 'amber', text: t('alerts.leastAmber') },
    { id: 'red', text: t('alerts.leastRed') },
  ];
  return (
    <Form onSubmit={onSubmit} className={page.form}>
      {problem && <Notice tone="error">{problem}</Notice>}
      {test.problem && <Notice tone="warning">{t('alerts.testFailed')}</Notice>}
      {!known.canMail && <Notice className={styles.wide}>{t('alerts.noMail')}</Notice>}
      <Field
        label={`${t('alerts.mail')} · ${t('alerts.mailHint')}`}
        value={mail}
        onChange={setMail}
        isDisabled={!known.canMail}
      />
      <Field label={t('alerts.webhook')} type="url" value={webhook} onChange={setWebhook} />
      {known.secret !== null && (
        <p className={styles.secret}>
          {t('alerts.secret')}: <code>{known.secret}</code>
        </p>
      )}
      <Choice
        label={t('alerts.least')}
        value={least}
        options={kinds}
        onChange={(id) => setLeast(id === 'red' ? 'red' : 'amber')}
      />
      <Quiet quiet={quiet} onChange={setQuiet} />
      <div className={page.actions}>
        <Button type="submit" look="primary" isPending={busy}>
          {t('alerts.save')}
        </Button>
        <Button onPress={() => void test.submit()} isPending={test.busy}>
          {t('alerts.test')}
        </Button>
      </div>
    </Form>
  );
}

/** Its sentence says what to do; the code of a refusal has none. */
class TestFailed extends Error {
  override readonly name = 'TestFailed';
}

interface QuietProps {
  readonly quiet: AlertSettings['quiet'];
  readonly onChange: (quiet: AlertSettings['quiet']) => void;
}

function Quiet({ quiet, onChange }: QuietProps) {
  const { t } = useTranslation();
  const known = [...new Set([...TIMES, ...(quiet ? [quiet.from, quiet.until] : [])])].sort((a, b) => a - b);
  const times = known.map((minute) => ({ id: String(minute), text: clock(minute) }));
  return (
    <>
      <Choice
        label={`${t('alerts.quiet')} · ${t('alerts.quietFrom')}`}
        value={quiet ? String(quiet.from) : OFF}
        options={[{ id: OFF, text: t('alerts.quietOff') }, ...times]}
        onChange={(id) => onChange(id === OFF ? null : { ...(quiet ?? NIGHT), from: Number(id) })}
      />
      {quiet && (
        <Choice
          label={`${t('alerts.quiet')} · ${t('alerts.quietUntil')}`}
          value={String(quiet.until)}
          options={times}
          onChange={(id) => onChange({ ...quiet, until: Number(id) })}
        />
      )}
      {quiet && <p className={styles.wide}>{t('alerts.quietHint')}</p>}
    </>
  );
}

function clock(minute: number): string {
  return `${Math.floor(minute / 60)}:${String(minute % 60).padStart(2, '0')}`;
}
