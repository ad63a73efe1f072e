import { type FormEvent, useState } from 'react';
import { Form } from 'react-aria-components/Form';
import { useTranslation } from 'react-i18next';
import type { Token, TokenScope } from '../../../protocol/tokens.ts';
import { call, useQuery } from '../../api.ts';
import { Button } from '../../ui/Button.tsx';
import { Choice } from '../../ui/Choice.tsx';
import { Confirm } from '../../ui/Dialog.tsx';
import { Field } from '../../ui/Field.tsx';
import { Opening } from '../../ui/Message.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { useTell } from '../../ui/Toasts.tsx';
import { useErrorText } from '../../ui/useErrorText.ts';
import page from '../devices/RoomPage.module.css';
import { useMoment } from '../devices/useMoment.ts';
import { Header } from '../shell/Header.tsx';
import { useSubmit } from '../signin/useSubmit.ts';
import styles from './Tokens.module.css';

const SCOPES = [
  'lessons.read',
  'rooms.read',
  'rooms.manage',
  'timetable.manage',
] as const satisfies readonly TokenScope[];
const DAYS = [30, 90, 365];

/** /tokens: what the reader lets programs do in their name. */
export default function Tokens() {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const { data, error, again } = useQuery('token.list');
  return (
    <>
      <Header />
      <main className={page.main}>
        <header className={page.head}>
          <h1>{t('tokens.title')}</h1>
          <p>
            {t('tokens.intro')}{' '}
            <a href="/api/docs" target="_blank" rel="noreferrer">
              {t('tokens.docs')}
            </a>
          </p>
        </header>
        <NewToken again={again} />
        {error !== null && (
          <Notice tone="warning" action={<Button onPress={again}>{t('action.retry')}</Button>}>
            {errorText(error)}
          </Notice>
        )}
        {!data && error === null && <Opening text={t('state.loading')} />}
        {data?.tokens.length === 0 && (
          <Notice>
            {t('tokens.none')} · {t('tokens.noneHint')}
          </Notice>
        )}
        {data && data.tokens.length > 0 && (
          <ul className={styles.list}>
            {data.tokens.map((token) => (
              <Row key={token.id} token={token} again={again} />
            ))}
          </ul>
        )}
      </main>
    </>
  );
}

function NewToken({ again }: { again: () => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<readonly TokenScope[]>(['rooms.read']);
  const [days, setDays] = useState(String(DAYS[1]));
  const [secret, setSecret] = useState<string | null>(null);
  const { submit, busy, problem } = useSubmit(async () => {
    const input = { name, scopes: [...scopes], days: Number(days) };
    setSecret((await call('token.create', { input })).secret);
    setName('');
    again();
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    void submit();
  };
  const toggle = (scope: TokenScope) =>
    setScopes((before) =>
      before.includes(scope) ? before.filter((one) => one !== scope) : [...before, scope],
    );
  return (
    <section className={page.card}>
      {secret !== null && (
        <Notice tone="good">
          {t('tokens.once')} <code className={styles.secret}>{secret}</code>
        </Notice>
      )}
      {problem && <Notice tone="error">{problem}</Notice>}
      <Form onSubmit={onSubmit} className={page.form}>
        <Field label={t('tokens.name')} value={name} onChange={setName} isRequired maxLength={80} />
        <Choice
          label={t('tokens.until')}
          value={days}
          options={DAYS.map((n) => ({ id: String(n), text: t('tokens.days', { n }) }))}
          onChange={setDays}
        />
        <fieldset className={styles.scopes}>
          <legend>{t('tokens.scopes')}</legend>
          {SCOPES.map((scope) => (
            <label key={scope}>
              <input type="checkbox" checked={scopes.includes(scope)} onChange={() => toggle(scope)} />
              {t(`tokens.scope.${scope}`)}
            </label>
          ))}
        </fieldset>
        <Button type="submit" look="primary" isPending={busy} isDisabled={scopes.length === 0}>
          {t('tokens.create')}
        </Button>
      </Form>
    </section>
  );
}

function Row({ token, again }: { token: Token; again: () => void }) {
  const { t } = useTranslation();
  const tell = useTell();
  const moment = useMoment(Date.now());
  const [asks, setAsks] = useState(false);
  const revoke = () => {
    call('token.delete', { params: { token: token.id } })
      .catch(tell.error)
      .finally(again);
  };
  const { name, begins, scopes, expiresAt, lastUsedAt } = token;
  return (
    <li className={styles.token}>
      <div>
        <strong>{name}</strong> <code>{begins}…</code>
        <p>{scopes.map((scope) => t(`tokens.scope.${scope}`)).join(' · ')}</p>
        <small>
          {lastUsedAt === null ? t('tokens.unused') : t('tokens.used', { when: moment(lastUsedAt) })}
          {' · '}
          {t('tokens.ends', { when: moment(expiresAt, true) })}
        </small>
      </div>
      <Button look="quiet" onPress={() => setAsks(true)}>
        {t('tokens.revoke')}
      </Button>
      <Confirm
        isOpen={asks}
        onClose={() => setAsks(false)}
        title={t('tokens.revoke')}
        confirm={t('tokens.revoke')}
        onConfirm={revoke}
      >
        <p>{t('tokens.revokeText', { name })}</p>
      </Confirm>
    </li>
  );
}
