import { ArrowLeft, PackageOpen, ShieldCheck } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { SpokenFingerprint, type TrustedSchool } from '../../../protocol/api-courier.ts';
import { call, useQuery } from '../../api.ts';
import { Button } from '../../ui/Button.tsx';
import { classes } from '../../ui/classes.ts';
import { Field } from '../../ui/Field.tsx';
import { Message } from '../../ui/Message.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { useTell } from '../../ui/Toasts.tsx';
import { useErrorText } from '../../ui/useErrorText.ts';
import styles from '../after/After.module.css';
import { Header } from '../shell/Header.tsx';
import { useSubmit } from '../signin/useSubmit.ts';
import { TakeIn } from './TakeIn.tsx';

/** /courier: replays in from other schools, for the administrator. */
export default function Courier() {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const { data, error, again } = useQuery('courier.show');
  return (
    <>
      <Header />
      <main className={styles.main}>
        <Link to="/library" className={styles.back}>
          <ArrowLeft aria-hidden size={20} /> {t('after.library.title')}
        </Link>
        <h1>{t('after.courier.title')}</h1>
        {error !== null && !data && (
          <Message icon={PackageOpen} title={t('after.courier.title')} text={errorText(error)}>
            <Button onPress={again}>{t('action.retry')}</Button>
          </Message>
        )}
        {data && (
          <div className={styles.columns}>
            <TakeIn />
            <section className={styles.card}>
              <h2>{t('after.courier.ours')}</h2>
              <p className={styles.soft}>{t('after.courier.oursText')}</p>
              <code className={styles.link}>{spelt(data.fingerprint)}</code>
            </section>
            <Schools schools={data.schools} again={again} />
          </div>
        )}
      </main>
    </>
  );
}

/** In fours, as people read it to each other. */
function spelt(fingerprint: string): string {
  return fingerprint.replace(/(.{4})(?=.)/g, '$1 ');
}

function Schools({ schools, again }: { schools: readonly TrustedSchool[]; again: () => void }) {
  const { t } = useTranslation();
  const tell = useTell();
  const [name, setName] = useState('');
  const [fingerprint, setFingerprint] = useState('');
  const [isMistyped, setMistyped] = useState(false);
  const { submit, busy, problem } = useSubmit(async () => {
    await call('courier.trust', { input: { fingerprint, name } });
    setName('');
    setFingerprint('');
    again();
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    const isFit = SpokenFingerprint.safeParse(fingerprint).success;
    setMistyped(!isFit);
    if (isFit) void submit();
  };
  const untrust = (school: TrustedSchool) => {
    call('courier.untrust', { params: { fingerprint: school.fingerprint } }).then(again, tell.error);
  };
  return (
    <section className={styles.card}>
      <h2>{t('after.courier.schools')}</h2>
      {schools.length === 0 && <p className={styles.soft}>{t('after.courier.none')}</p>}
      <ul className={styles.list}>
        {schools.map((school) => (
          <li key={school.fingerprint}>
            <span>
              <strong>{school.name}</strong>
              <small>{spelt(school.fingerprint)}</small>
            </span>
            <Button onPress={() => untrust(school)}>{t('after.courier.untrust')}</Button>
          </li>
        ))}
      </ul>
      {isMistyped && <Notice tone="error">{t('after.courier.mistyped')}</Notice>}
      {problem && !isMistyped && <Notice tone="error">{problem}</Notice>}
      <form className={classes(styles.row, styles.trust)} onSubmit={onSubmit}>
        <Field
          label={t('after.courier.schoolName')}
          value={name}
          onChange={setName}
          isRequired
          maxLength={80}
        />
        <Field
          label={t('after.courier.fingerprint')}
          value={fingerprint}
          onChange={setFingerprint}
          isRequired
          maxLength={120}
        />
        <Button type="submit" icon={ShieldCheck} isPending={busy}>
          {t('after.courier.trust')}
        </Button>
      </form>
    </section>
  );
}
