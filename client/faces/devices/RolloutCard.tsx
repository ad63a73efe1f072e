import { Undo2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Level } from '../../../protocol/devices.ts';
import type { RolloutView, UpdateStep, Wave } from '../../../protocol/updates.ts';
import { call } from '../../api.ts';
import { Button } from '../../ui/Button.tsx';
import { Confirm } from '../../ui/Dialog.tsx';
import { Name } from '../../ui/Name.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { useTell } from '../../ui/Toasts.tsx';
import { LevelMark } from './LevelMark.tsx';
import styles from './RoomPage.module.css';
import { useMoment } from './useMoment.ts';

interface RolloutCardProps {
  readonly rollout: RolloutView;
  readonly now: number;
  readonly again: () => void;
}

/** One roll-out, wave by wave; the open one may be halted and taken back. */
export function RolloutCard({ rollout, now, again }: RolloutCardProps) {
  const { t } = useTranslation();
  const moment = useMoment(now);
  const { id, state, closed, own, target, startedAt, haltedBy } = rollout;
  const failed = rollout.devices.filter(({ failure }) => failure !== null).length;
  const canReturn = own && !closed && state !== 'returned';
  return (
    <section className={styles.card} aria-labelledby={id}>
      <h2 id={id}>{t('updates.rollout', { build: target, when: moment(startedAt) })}</h2>
      {haltedBy === 'failures' && state === 'halted' ? (
        <Notice tone="error">{t('updates.haltedItself', { n: failed })}</Notice>
      ) : (
        <p role="status">{t(`updates.state.${state}`)}</p>
      )}
      {rollout.waves.map((wave, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: waves have no other name than their place
        <WavePart key={i} rollout={rollout} wave={wave} place={i} now={now} />
      ))}
      {canReturn && <Actions rollout={rollout} again={again} />}
      {!own && <p className={styles.facts}>{t('updates.others')}</p>}
    </section>
  );
}

function Actions({ rollout: { id, state }, again }: Omit<RolloutCardProps, 'now'>) {
  const { t } = useTranslation();
  const tell = useTell();
  const [asks, setAsks] = useState(false);
  const ask = (name: 'update.halt' | 'update.return') => {
    call(name, { params: { update: id }, input: {} })
      .catch(tell.error)
      .finally(again);
  };
  return (
    <div className={styles.actions}>
      {state === 'running' && <Button onPress={() => ask('update.halt')}>{t('updates.halt')}</Button>}
      <Button icon={Undo2} onPress={() => setAsks(true)}>
        {t('updates.return')}
      </Button>
      <Confirm
        isOpen={asks}
        onClose={() => setAsks(false)}
        title={t('updates.return')}
        confirm={t('updates.return')}
        onConfirm={() => ask('update.return')}
      >
        <p>{t('updates.returnHint')}</p>
      </Confirm>
    </div>
  );
}

const MARK: Readonly<Record<UpdateStep, Level>> = {
  waiting: 'grey',
  told: 'amber',
  back: 'amber',
  well: 'green',
  failed: 'red',
  returning: 'amber',
  returned: 'grey',
};

/** What failed first, then what is under way. */
const URGENCY: readonly Level[] = ['red', 'amber', 'grey', 'green'];
/** Screens of a wave that are named. */
const SHOWN = 50;

interface WavePartProps {
  readonly rollout: RolloutView;
  readonly wave: Wave;
  readonly place: number;
  readonly now: number;
}

function WavePart({ rollout, wave, place, now }: WavePartProps) {
  const { t } = useTranslation();
  const devices = rollout.devices.filter((one) => one.wave === place);
  const state = useWaveState(rollout, wave, now);
  if (devices.length === 0) return null;
  const well = devices.filter(({ step }) => step === 'well').length;
  const shown = devices
    .toSorted((a, b) => URGENCY.indexOf(MARK[a.step]) - URGENCY.indexOf(MARK[b.step]))
    .slice(0, SHOWN);
  return (
    <details className={styles.part} open={wave.startedAt !== null && wave.doneAt === null}>
      <summary>
        {t('updates.wave', { n: place + 1 })} · {t('updates.wellOf', { n: well, all: devices.length })} ·{' '}
        {state}
      </summary>
      <ul>
        {shown.map(({ device, room, step, failure }) => (
          <li key={device} className={styles.command}>
            <LevelMark level={failure === null ? MARK[step] : 'red'} />
            <span className={styles.beside}>
              <RoomOf rollout={rollout} room={room} />{' '}
              {failure !== null && `${t(`updates.failure.${failure}`)} · `}
              {t(`updates.step.${step}`)}
            </span>
          </li>
        ))}
      </ul>
      {devices.length > SHOWN && (
        <p className={styles.facts}>{t('rooms.shown', { from: 1, to: SHOWN, all: devices.length })}</p>
      )}
    </details>
  );
}

function useWaveState({ state, soakMinutes }: RolloutView, wave: Wave, now: number): string {
  const { t } = useTranslation();
  const moment = useMoment(now);
  if (wave.doneAt !== null) return t('updates.waveDone', { when: moment(wave.doneAt) });
  if (wave.startedAt === null) return t('updates.waveWaits');
  if (state !== 'running') return t(`updates.state.${state}`);
  if (wave.settledAt === null) return t('updates.waveRuns', { when: moment(wave.startedAt) });
  return t('updates.waveSoaks', { when: moment(wave.settledAt + soakMinutes * 60_000) });
}

function RoomOf({ rollout, room }: { readonly rollout: RolloutView; readonly room: string }) {
  const found = rollout.rooms.find(({ id }) => id === room);
  return (
    <Link to={`/devices/${room}`}>
      {found ? (
        <>
          <Name of={found.name} /> · <Name of={found.school} />
        </>
      ) : (
        room
      )}
    </Link>
  );
}
