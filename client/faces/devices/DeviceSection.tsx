import {
  AppWindow,
  BellRing,
  type LucideIcon,
  RefreshCw,
  ScanEye,
  ScrollText,
  Stethoscope,
} from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CommandKind } from '../../../protocol/device-commands.ts';
import { type DeviceDetail, deviceNumber } from '../../../protocol/devices.ts';
import { call } from '../../api.ts';
import { Badge } from '../../ui/Badge.tsx';
import { Button } from '../../ui/Button.tsx';
import { Confirm } from '../../ui/Dialog.tsx';
import { LinkButton } from '../../ui/LinkButton.tsx';
import { useTell } from '../../ui/Toasts.tsx';
import { duration } from '../../ui/time.ts';
import { CheckResults } from '../room/CheckResults.tsx';
import { DevicePast } from './DevicePast.tsx';
import { InputChoices } from './InputChoices.tsx';
import { LevelMark } from './LevelMark.tsx';
import { LinkHistory } from './LinkHistory.tsx';
import styles from './RoomPage.module.css';
import { useMoment } from './useMoment.ts';

const ACTIONS = [
  { kind: 'check', icon: Stethoscope },
  { kind: 'identify', icon: ScanEye },
  { kind: 'tone', icon: BellRing },
  { kind: 'screenshot', icon: AppWindow },
  { kind: 'logs', icon: ScrollText },
  { kind: 'reload', icon: RefreshCw },
] as const satisfies readonly { kind: CommandKind; icon: LucideIcon }[];

interface DeviceSectionProps {
  readonly room: string;
  readonly device: DeviceDetail;
  readonly now: number;
  readonly again: () => void;
}

/** One screen of a room: how it is, what it went through, and what can be asked of it. */
export function DeviceSection({ room, device, now, again }: DeviceSectionProps) {
  const { t } = useTranslation();
  const moment = useMoment(now);
  const { facts, upSince } = device;
  const title = `device-${device.id}`;
  return (
    <section className={styles.card} aria-labelledby={title}>
      <header className={styles.deviceHead}>
        <h2 id={title}>{t('rooms.device', { n: deviceNumber(device.id) })}</h2>
        {device.state === 'revoked' ? (
          <Badge tone="warning">{t('rooms.revoked')}</Badge>
        ) : (
          <Badge tone={device.online ? 'good' : 'quiet'}>
            {t(device.online ? 'rooms.online' : 'state.offline')}
          </Badge>
        )}
        {upSince !== null && <p>{t('rooms.upSince', { time: duration(now - upSince) })}</p>}
        {!device.online && device.seenAt !== null && (
          <p>{t('rooms.seen', { when: moment(device.seenAt) })}</p>
        )}
      </header>
      {facts && (
        <p className={styles.facts}>
          {t('rooms.facts')}:{' '}
          {[facts.screen, t('rooms.version', { version: facts.version }), facts.agent]
            .filter(Boolean)
            .join(' · ')}
        </p>
      )}
      {device.state === 'active' && (
        <>
          <Actions room={room} device={device} again={again} />
          <InputChoices room={room} device={device} again={again} />
        </>
      )}
      <Checks device={device} now={now} />
      <LinkHistory room={room} device={device.id} />
      <DevicePast room={room} device={device} now={now} />
      <Ending room={room} device={device} again={again} />
    </section>
  );
}

function Actions({ room, device, again }: Omit<DeviceSectionProps, 'now'>) {
  const { t } = useTranslation();
  const tell = useTell();
  const ask = (kind: CommandKind) => {
    call('device.command', { params: { room, device: device.id }, input: { kind } })
      .then(({ state }) => tell.info(t(`rooms.command.${state}`)))
      .catch(tell.error)
      .finally(again);
  };
  return (
    <fieldset className={styles.actions}>
      <legend>{t('rooms.actions')}</legend>
      {ACTIONS.map(({ kind, icon }) => (
        <Button key={kind} icon={icon} onPress={() => ask(kind)}>
          {t(`rooms.action.${kind}`)}
        </Button>
      ))}
    </fieldset>
  );
}

function Checks({ device: { checks }, now }: Pick<DeviceSectionProps, 'device' | 'now'>) {
  const { t } = useTranslation();
  const moment = useMoment(now);
  const [latest, ...earlier] = checks;
  return (
    <div className={styles.part}>
      <h3>{t('rooms.checks')}</h3>
      {!latest && <p>{t('rooms.noChecks')}</p>}
      {latest && (
        <>
          <p>
            {moment(latest.at)} · {t(`check.trigger.${latest.trigger}`)}
          </p>
          <CheckResults items={latest.items} />
        </>
      )}
      {earlier.slice(0, 20).map((check) => (
        <details key={check.at}>
          <summary>
            <LevelMark level={check.level} /> {moment(check.at)} · {t(`check.trigger.${check.trigger}`)}
          </summary>
          <CheckResults items={check.items} />
        </details>
      ))}
    </div>
  );
}

function Ending({ room, device, again }: Omit<DeviceSectionProps, 'now'>) {
  const { t } = useTranslation();
  const tell = useTell();
  const [asks, setAsks] = useState(false);
  const revoke = () => {
    call('device.revoke', { params: { room, device: device.id } })
      .catch(tell.error)
      .finally(again);
  };
  return (
    <div className={styles.actions}>
      <LinkButton to={`/devices/pair?room=${room}&replaces=${device.id}`}>{t('rooms.replace')}</LinkButton>
      {device.state === 'active' && (
        <Button look="quiet" onPress={() => setAsks(true)}>
          {t('rooms.revoke')}
        </Button>
      )}
      <Confirm
        isOpen={asks}
        onClose={() => setAsks(false)}
        title={t('rooms.revoke')}
        confirm={t('rooms.revoke')}
        onConfirm={revoke}
      >
        <p>{t('rooms.revokeText')}</p>
      </Confirm>
    </div>
  );
}
