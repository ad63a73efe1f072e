import { ArrowLeft, BookOpen, PackageOpen, Play } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useQuery } from '../../api.ts';
import { useAccount } from '../../router/account.tsx';
import { Button } from '../../ui/Button.tsx';
import { Field } from '../../ui/Field.tsx';
import { LinkButton } from '../../ui/LinkButton.tsx';
import { Message, Opening } from '../../ui/Message.tsx';
import { Name, useName } from '../../ui/Name.tsx';
import { useDayNames } from '../../ui/time.ts';
import { useErrorText } from '../../ui/useErrorText.ts';
import styles from '../after/After.module.css';
import { Header } from '../shell/Header.tsx';

/** With fewer one sees them all. */
const SEARCH_FROM = 6;

/** /library: replays that were published beyond their class, or brought here from another school. */
export default function Library() {
  const { t } = useTranslation();
  const { account } = useAccount();
  const name = useName();
  const { full } = useDayNames();
  const errorText = useErrorText();
  const { data, error, again } = useQuery('library.list');
  const [search, setSearch] = useState('');
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const found = data?.replays.filter(({ title, course, teacher, school }) => {
    const text = [title, course, teacher, school].map(name).join(' ').toLowerCase();
    return words.every((word) => text.includes(word));
  });
  return (
    <>
      <Header />
      <main className={styles.main}>
        <Link to="/" className={styles.back}>
          <ArrowLeft aria-hidden size={20} /> {t('after.library.back')}
        </Link>
        <h1>{t('after.library.title')}</h1>
        {account?.role === 'administrator' && (
          <LinkButton to="/courier" icon={PackageOpen}>
            {t('after.library.courier')}
          </LinkButton>
        )}
        {!data && error === null && <Opening text={t('state.loading')} />}
        {!data && error !== null && (
          <Message icon={BookOpen} title={t('after.library.title')} text={errorText(error)}>
            <Button onPress={again}>{t('action.retry')}</Button>
          </Message>
        )}
        {data?.replays.length === 0 && <p className={styles.soft}>{t('after.library.none')}</p>}
        {data && data.replays.length > SEARCH_FROM && (
          <Field
            label={t('after.library.search')}
            type="search"
            value={search}
            onChange={setSearch}
            maxLength={80}
          />
        )}
        {data && found?.length === 0 && search !== '' && (
          <p className={styles.soft}>{t('after.library.notFound')}</p>
        )}
        <ul className={styles.list}>
          {found?.map((replay) => (
            <li key={replay.lesson}>
              <span>
                <strong>
                  <Name of={replay.title} />
                </strong>
                <small>
                  {name(replay.course)} ·{' '}
                  {t('after.library.from', { school: name(replay.school), teacher: name(replay.teacher) })} ·{' '}
                  {full(replay.startsAt)}
                </small>
              </span>
              <LinkButton
                to={`/watch/${replay.lesson}`}
                icon={Play}
                label={`${t('after.library.watch')} ${name(replay.title)}`}
              >
                {t('after.library.watch')}
              </LinkButton>
            </li>
          ))}
        </ul>
      </main>
    </>
  );
}
