import { ArrowLeft } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useQuery } from '../../api.ts';
import { Button } from '../../ui/Button.tsx';
import { Opening } from '../../ui/Message.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { useErrorText } from '../../ui/useErrorText.ts';
import { Header } from '../shell/Header.tsx';
import { RolloutCard } from './RolloutCard.tsx';
import styles from './RoomPage.module.css';
import { StartUpdate } from './StartUpdate.tsx';

/** The server looks at roll-outs as often, and two thousand screens are a long answer. Milliseconds. */
const REFRESH = 20_000;

/** /devices/updates: which build the screens run, and how the newest comes to them. */
export default function Updates() {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const { data, error, again } = useQuery('update.list', { every: REFRESH });
  const isRunning = data?.rollouts.some(({ state }) => state === 'running') === true;
  const canStart = data !== null && data.newest !== null && data.behind.length > 0 && !isRunning;
  return (
    <>
      <Header />
      <main className={styles.main}>
        <Link to="/devices" className={styles.back}>
          <ArrowLeft aria-hidden size={20} /> {t('rooms.back')}
        </Link>
        <header className={styles.head}>
          <h1>{t('updates.title')}</h1>
          <p>{t('updates.hint')}</p>
        </header>
        {error !== null && (
          <Notice tone="warning" action={<Button onPress={again}>{t('action.retry')}</Button>}>
            {errorText(error)}
          </Notice>
        )}
        {!data && error === null && <Opening text={t('state.loading')} />}
        {data && data.newest === null && <Notice tone="warning">{t('updates.noBuild')}</Notice>}
        {data && data.newest !== null && data.behind.length === 0 && (
          <Notice tone="good">{t('updates.allNew', { build: data.newest })}</Notice>
        )}
        {canStart && <StartUpdate newest={data.newest ?? ''} rooms={data.behind} onStarted={again} />}
        {data?.rollouts.map((rollout) => (
          <RolloutCard key={rollout.id} rollout={rollout} now={data.now} again={again} />
        ))}
      </main>
    </>
  );
}
