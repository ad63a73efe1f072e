import { type FormEvent, useState } from 'react';
import { Form } from 'react-aria-components/Form';
import { useTranslation } from 'react-i18next';
import { useAccount } from '../../router/account.tsx';
import { Button } from '../../ui/Button.tsx';
import { Field } from '../../ui/Field.tsx';
import { Notice } from '../../ui/Notice.tsx';
import styles from './SignIn.module.css';
import { useSubmit } from './useSubmit.ts';

const EMPTY = { code: '', school: '', name: '', username: '', password: '' };

/** Limits as in `setup.create` (protocol/api.ts), so that a form is not refused after a round trip. */
const PASSWORD_LENGTH = { min: 10, max: 256 };

export function SetupForm() {
  const { t } = useTranslation();
  const { setUp } = useAccount();
  const [form, setForm] = useState(EMPTY);
  const { submit, busy, problem } = useSubmit(() => setUp(form));

  const field = (key: keyof typeof EMPTY) => ({
    label: t(`setup.${key}`),
    name: key,
    value: form[key],
    onChange: (value: string) => setForm((before) => ({ ...before, [key]: value })),
    isRequired: true,
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    void submit();
  };
  return (
    <>
      <h1 className={styles.title}>{t('setup.title')}</h1>
      <p className={styles.intro}>{t('setup.intro')}</p>
      <Form onSubmit={onSubmit} className={styles.fields}>
        {problem && <Notice tone="error">{problem}</Notice>}
        <Field {...field('code')} autoComplete="one-time-code" maxLength={64} />
        <Field {...field('school')} autoComplete="organization" maxLength={80} />
        <Field {...field('name')} autoComplete="name" maxLength={80} />
        <Field {...field('username')} autoComplete="username" maxLength={64} />
        <Field
          {...field('password')}
          type="password"
          autoComplete="new-password"
          minLength={PASSWORD_LENGTH.min}
          maxLength={PASSWORD_LENGTH.max}
        />
        <Button type="submit" look="primary" size="large" isPending={busy} className={styles.submit}>
          {t('setup.submit')}
        </Button>
      </Form>
    </>
  );
}
