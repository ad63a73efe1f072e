import { type FormEvent, useState } from 'react';
import { Button as AriaButton } from 'react-aria-components/Button';
import { Form } from 'react-aria-components/Form';
import { useTranslation } from 'react-i18next';
import type { RouteOutput } from '../../../protocol/api.ts';
import { useAccount } from '../../router/account.tsx';
import { Button } from '../../ui/Button.tsx';
import { Field } from '../../ui/Field.tsx';
import { Name } from '../../ui/Name.tsx';
import { Notice } from '../../ui/Notice.tsx';
import styles from './SignIn.module.css';
import { useSubmit } from './useSubmit.ts';

export function PasswordForm() {
  const { t } = useTranslation();
  const { signIn, demo } = useAccount();
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const { submit, busy, problem } = useSubmit(() => signIn({ username, password }));

  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    void submit();
  };
  return (
    <>
      <p className={styles.welcome}>{t('signIn.welcome')}</p>
      <h1 className={styles.title}>{t('signIn.title')}</h1>
      <Form onSubmit={onSubmit} className={styles.fields}>
        {problem && <Notice tone="error">{problem}</Notice>}
        <Field
          label={t('signIn.username')}
          name="username"
          autoComplete="username"
          value={username}
          onChange={setUsername}
          isRequired
          maxLength={64}
        />
        <Field
          label={t('signIn.password')}
          name="password"
          type="password"
          autoComplete="current-password"
          value={password}
          onChange={setPassword}
          isRequired
          maxLength={256}
        />
        <Button type="submit" look="primary" size="large" isPending={busy} className={styles.submit}>
          {t('signIn.submit')}
        </Button>
      </Form>
      {demo && (
        <DemoLogins
          demo={demo}
          chosen={username}
          onChoose={(name) => {
            setUsername(name);
            setPassword(demo.password);
          }}
        />
      )}
    </>
  );
}

interface DemoProps {
  readonly demo: NonNullable<RouteOutput<'session.show'>['demo']>;
  readonly chosen: string;
  readonly onChoose: (username: string) => void;
}

function DemoLogins({ demo, chosen, onChoose }: DemoProps) {
  const { t } = useTranslation();
  return (
    <section className={styles.demo} aria-labelledby="demo-title">
      <h2 id="demo-title">{t('signIn.demoTitle')}</h2>
      <p>{t('signIn.demoHint')}</p>
      <ul>
        {demo.logins.map((login) => (
          <li key={login.username}>
            <AriaButton
              className={styles.chip}
              aria-pressed={login.username === chosen}
              onPress={() => onChoose(login.username)}
            >
              <Name of={login.name} /> <small>{t(`role.${login.role}`)}</small>
            </AriaButton>
          </li>
        ))}
      </ul>
    </section>
  );
}
