import { useMemo } from 'react';
import { useNow } from '../../ui/time.ts';
import { useAwake } from '../../ui/useAwake.ts';
import { keptAgenda } from './kept.ts';
import styles from './Room.module.css';
import { useDeviceCheck } from './useDeviceCheck.ts';
import { Waiting } from './Waiting.tsx';

const CLOCK = 10_000;

/** A room that was switched on while its server is away: the time, the next lesson as it was known, its own devices. */
export default function Away({ isLost }: { isLost: boolean }) {
  useAwake();
  const check = useDeviceCheck();
  const now = useNow(CLOCK);
  const kept = useMemo(keptAgenda, []);
  return (
    <div className={styles.room} data-theme="dark">
      <Waiting
        list={kept && { ...kept.list, now }}
        name={kept?.name}
        isLost={isLost}
        check={check}
        device={null}
      />
    </div>
  );
}
