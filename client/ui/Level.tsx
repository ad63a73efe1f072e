import { Meter } from 'react-aria-components/Meter';
import { classes } from './classes.ts';
import styles from './Level.module.css';

interface LevelProps {
  /** 0 (silence) to 1 (as loud as can be). */
  readonly level: number;
  readonly label: string;
  readonly size?: 'small' | 'large';
  readonly className?: string;
}

const STEPS = { small: 5, large: 24 };

/** How loud somebody is, in bars: their number tells as much as their colour. */
export function Level({ level, label, size = 'small', className }: LevelProps) {
  const all = STEPS[size];
  const lit = Math.round(level * all);
  return (
    <Meter
      aria-label={label}
      value={Math.round(level * 100)}
      className={classes(styles.level, styles[size], className)}
    >
      {Array.from({ length: all }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a bar is its place
        <span key={i} className={classes(styles.bar, i < lit && styles.lit)} />
      ))}
    </Meter>
  );
}

/** Quieter than this is a room's own noise. */
const NOISE_DBOV = -65;

/** The share of `Level` for what the server measures (dBov, -127..0; absent when silent). */
export function shareOf(dBov: number | undefined): number {
  return dBov === undefined ? 0 : Math.min(1, Math.max(0, 1 - dBov / NOISE_DBOV));
}
