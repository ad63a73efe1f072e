import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CommandRecord } from '../../../protocol/device-commands.ts';
import type { DeviceDetail } from '../../../protocol/devices.ts';
import { useQuery } from '../../api.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Opening } from '../../ui/Message.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { duration } from '../../ui/time.ts';
import { useErrorText } from '../../ui/useErrorText.ts';
import styles from './RoomPage.module.css';
import { useMoment } from './useMoment.ts';

interface DevicePastProps {
  readonly room: string;
  readonly device: DeviceDetail;
  readonly now: number;
}

/** What was asked of a screen, with what it brought, and what happened to it. */
export function DevicePast({ room, device: { id: device, events, commands }, now }: DevicePastProps) {
  const { t } = useTranslation();
  const moment = useMoment(now);
  const [shown, setShown] = useState<CommandRecord | null>(null);
  return (
    <div className={styles.past}>
      <div className={styles.part}>
        <h3>{t('rooms.commands')}</h3>
        <ul>
          {commands.slice(0, 10).map((command) => (
            <li key={command.id} className={styles.command}>
              {moment(command.at)} · {t(`rooms.action.${command.kind}`)} ·{' '}
              {t(`rooms.command.${command.state}`)}
              {command.hasResult && <Button onPress={() => setShown(command)}>{t('rooms.show')}</Button>}
            </li>
          ))}
        </ul>
      </div>
      <div className={styles.part}>
        <h3>{t('rooms.events')}</h3>
        <ul>
          {events.slice(0, 10).map(({ at, kind, awayMs }) => (
            <li key={`${at}${kind}`}>
              {moment(at)} · {t(`rooms.event.${kind}`)}
              {awayMs !== undefined && ` · ${t('rooms.away', { time: duration(awayMs) })}`}
            </li>
          ))}
        </ul>
      </div>
      {shown && (
        <Dialog isOpen onClose={() => setShown(null)} title={t(`rooms.action.${shown.kind}`)}>
          <Result params={{ room, device, command: shown.id }} />
        </Dialog>
      )}
    </div>
  );
}

function Result({ params }: { params: Readonly<Record<string, string>> }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const { data, error } = useQuery('device.result', { params });
  if (error !== null) return <Notice tone="warning">{errorText(error)}</Notice>;
  if (!data) return <Opening text={t('state.loading')} />;
  if (data.type === 'text/plain') return <pre className={styles.log}>{data.data}</pre>;
  const source = data.data.replaceAll('-', '+').replaceAll('_', '/');
  return (
    <>
      <img
        className={styles.picture}
        alt={t('rooms.action.screenshot')}
        src={`data:${data.type};base64,${source}`}
      />
      <p>{t('rooms.screenshotHint')}</p>
    </>
  );
}
