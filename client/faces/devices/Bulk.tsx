import { BellRing, RefreshCw, ScanEye, Stethoscope, X } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BulkKind } from '../../../protocol/device-commands.ts';
import { call } from '../../api.ts';
import { Button } from '../../ui/Button.tsx';
import { Confirm } from '../../ui/Dialog.tsx';
import { LinkButton } from '../../ui/LinkButton.tsx';
import { useTell } from '../../ui/Toasts.tsx';
import styles from './Rooms.module.css';

const ACTIONS = [
  { kind: 'check', icon: Stethoscope },
  { kind: 'identify', icon: ScanEye },
  { kind: 'tone', icon: BellRing },
  { kind: 'reload', icon: RefreshCw },
] as const;
const VOLUMES = [0.5, 0.75, 1];

interface BulkProps {
  readonly rooms: readonly string[];
  readonly onClear: () => void;
}

/** What can be asked of all the rooms that were selected. */
export function Bulk({ rooms, onClear }: BulkProps) {
  const { t } = useTranslation();
  const tell = useTell();
  const [asks, setAsks] = useState<BulkKind | null>(null);
  const ask = (kind: BulkKind) => {
    call('fleet.command', { input: { rooms: [...rooms], kind } })
      .then(({ devices, away }) => tell.info(t('rooms.asked', { n: devices, away })))
      .catch(tell.error);
  };
  const setVolume = (volume: number) => {
    call('fleet.settings', { input: { rooms: [...rooms], settings: { volume } } })
      .then(() => tell.info(t('rooms.saved')))
      .catch(tell.error);
  };
  return (
    <section className={styles.bulk} aria-label={t('rooms.actions')}>
      <strong role="status">{t('rooms.selected', { n: rooms.length })}</strong>
      {ACTIONS.map(({ kind, icon }) => (
        <Button key={kind} icon={icon} onPress={() => (kind === 'reload' ? setAsks(kind) : ask(kind))}>
          {t(`rooms.action.${kind}`)}
        </Button>
      ))}
      {VOLUMES.map((volume) => (
        <Button key={volume} look="quiet" onPress={() => setVolume(volume)}>
          {t('rooms.setVolume', { n: volume * 100 })}
        </Button>
      ))}
      <LinkButton to="/devices/limits" look="quiet">
        {t('links.ceiling')}
      </LinkButton>
      <Button look="quiet" icon={X} onPress={onClear}>
        {t('rooms.clear')}
      </Button>
      <Confirm
        isOpen={asks !== null}
        onClose={() => setAsks(null)}
        title={t('rooms.action.reload')}
        confirm={t('rooms.action.reload')}
        onConfirm={() => asks && ask(asks)}
      >
        <p>{t('rooms.selected', { n: rooms.length })}</p>
      </Confirm>
    </section>
  );
}
