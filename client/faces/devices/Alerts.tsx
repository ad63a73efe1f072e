import { ArrowLeft } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Alert } from '../../../protocol/alerts.ts';
import { call, useQuery } from '../../api.ts';
import { Button } from '../../ui/Button.tsx';
import { Opening } from '../../ui/Message.tsx';
import { Name, useName } from '../../ui/Name.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { useTell } from '../../ui/Toasts.tsx';
import { useErrorText } from '../../ui/useErrorText.ts';
import { Header } from '../shell/Header.tsx';
import { AlertSettingsForm } from './AlertSettingsForm.tsx';
import styles from './Alerts.module.css';
import { LevelMark } from './LevelMark.tsx';
import page from './RoomPage.module.css';
import { useMoment } from './useMoment.ts';

/** Milliseconds. */
const REFRESH = 10_000;

/** /devices/alerts: what is wrong just now, who sees to it, and how one is told. */
export default function Alerts() {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const { data, error, again } = useQuery('alert.list', { every: REFRESH });
  return (
    <>
      <Header />
      <main className={page.main}>
        <Link to="/devices" className={page.back}>
          <ArrowLeft aria-hidden size={20} /> {t('rooms.back')}
        </Link>
        <header className={page.head}>
          <h1>{t('alerts.title')}</h1>
        </header>
        {error !== null && (
          <Notice tone="warning" action={<Button onPress={again}>{t('action.retry')}</Button>}>
            {errorText(error)}
          </Notice>
        )}
        {!data && error === null && <Opening text={t('state.loading')} />}
        {data?.open.length === 0 && (
          <Notice tone="good">
            {t('alerts.none')} · {t('alerts.noneHint')}
          </Notice>
        )}
        {data && data.open.length > 0 && (
          <List title={t('alerts.open')} alerts={data.open} now={data.now} again={again} />
        )}
        <AlertSettingsForm />
        {data && data.past.length > 0 && (
          <List title={t('alerts.past')} alerts={data.past} now={data.now} again={again} />
        )}
      </main>
    </>
  );
}

interface ListProps {
  readonly title: string;
  readonly alerts: readonly Alert[];
  readonly now: number;
  readonly again: () => void;
}

function List({ title, alerts, now, again }: ListProps) {
  return (
    <section className={styles.section}>
      <h2>{title}</h2>
      <ul className={styles.list}>
        {alerts.map((alert) => (
          <Row key={alert.id} alert={alert} now={now} again={again} />
        ))}
      </ul>
    </section>
  );
}

function Row({ alert, now, again }: Omit<ListProps, 'title' | 'alerts'> & { alert: Alert }) {
  const { t } = useTranslation();
  const moment = useMoment(now);
  const name = useName();
  const tell = useTell();
  const { acknowledged, clearedAt, room, school } = alert;
  const acknowledge = () => {
    call('alert.acknowledge', { params: { room: room.id, alert: alert.id }, input: {} })
      .catch(tell.error)
      .finally(again);
  };
  return (
    <li className={styles.alert}>
      <LevelMark level={clearedAt === null ? alert.level : 'grey'} />
      <div className={styles.what}>
        <Link to={`/devices/${room.id}`}>
          <Name of={room.name} /> · <Name of={school.name} />
        </Link>
        <p>{t(`alerts.kind.${alert.kind}`)}</p>
        <small>
          {t('alerts.since', { when: moment(alert.since) })}
          {clearedAt !== null && ` · ${t('alerts.over', { when: moment(clearedAt) })}`}
          {acknowledged && ` · ${t('alerts.acknowledged', { name: name(acknowledged.by) })}`}
        </small>
      </div>
      {clearedAt === null && !acknowledged && (
        <Button onPress={acknowledge}>{t('alerts.acknowledge')}</Button>
      )}
    </li>
  );
}
