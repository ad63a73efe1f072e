import { ArrowLeft } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { Form } from 'react-aria-components/Form';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { RouteOutput } from '../../../protocol/api.ts';
import { call, useQuery } from '../../api.ts';
import { Button } from '../../ui/Button.tsx';
import { Field } from '../../ui/Field.tsx';
import { Opening } from '../../ui/Message.tsx';
import { Name } from '../../ui/Name.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { useTell } from '../../ui/Toasts.tsx';
import { useErrorText } from '../../ui/useErrorText.ts';
import { Header } from '../shell/Header.tsx';
import { useSubmit } from '../signin/useSubmit.ts';
import { CeilingFields } from './CeilingFields.tsx';
import styles from './RoomPage.module.css';

/** Schools shown at once: a form each, and a county has hundreds. */
const SHOWN = 20;

/** /devices/limits: what the line of each school may be asked to carry. */
export default function Limits() {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const { data, error, again } = useQuery('school.ceilings');
  const [search, setSearch] = useState('');
  const wanted = search.trim().toLowerCase();
  const found = data?.schools.filter(({ name }) =>
    Object.values(name).some((text) => text?.toLowerCase().includes(wanted)),
  );
  return (
    <>
      <Header />
      <main className={styles.main}>
        <Link to="/devices" className={styles.back}>
          <ArrowLeft aria-hidden size={20} /> {t('rooms.back')}
        </Link>
        <header className={styles.head}>
          <h1>{t('links.schools')}</h1>
          <p>{t('links.schoolsHint')}</p>
        </header>
        {error !== null && (
          <Notice tone="warning" action={<Button onPress={again}>{t('action.retry')}</Button>}>
            {errorText(error)}
          </Notice>
        )}
        {!data && error === null && <Opening text={t('state.loading')} />}
        {data && data.schools.length > SHOWN && (
          <Field label={t('rooms.search')} type="search" value={search} onChange={setSearch} maxLength={80} />
        )}
        {found?.slice(0, SHOWN).map((school) => (
          <School key={school.id} school={school} />
        ))}
        {found && found.length > SHOWN && (
          <p className={styles.facts}>{t('rooms.shown', { from: 1, to: SHOWN, all: found.length })}</p>
        )}
      </main>
    </>
  );
}

function School({ school }: { school: RouteOutput<'school.ceilings'>['schools'][number] }) {
  const { t } = useTranslation();
  const tell = useTell();
  const [ceiling, setCeiling] = useState(school.ceiling);
  const { submit, busy, problem } = useSubmit(async () => {
    await call('school.limit', { params: { school: school.id }, input: { ceiling } });
    tell.info(t('links.saved'));
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    void submit();
  };
  return (
    <section className={styles.card} aria-labelledby={school.id}>
      <h2 id={school.id}>
        <Name of={school.name} />
      </h2>
      <Form onSubmit={onSubmit} className={styles.form}>
        {problem && <Notice tone="error">{problem}</Notice>}
        <CeilingFields value={ceiling} onChange={setCeiling} />
        <Button type="submit" isPending={busy}>
          {t('links.save')}
        </Button>
      </Form>
    </section>
  );
}
