import { WifiOff } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { LinkQuality } from '../../protocol/requests.ts';
import { classes } from './classes.ts';
import styles from './Link.module.css';

export type LinkState = LinkQuality | 'lost' | 'unknown';

const BARS: Record<LinkState, number> = { good: 3, fair: 2, poor: 1, lost: 0, unknown: 0 };

/** How well someone is reached: by the number of bars and by colour; with `text`, in words too. */
export function LinkMark({
  state,
  text = false,
  className,
}: {
  state: LinkState;
  text?: boolean;
  className?: string;
}) {
  const { t } = useTranslation();
  const words = t(`link.${state}`);
  return (
    <span className={classes(styles.link, styles[state], className)}>
      {state === 'lost' ? (
        <WifiOff aria-hidden size={20} />
      ) : (
        <svg aria-hidden="true" width="20" height="20" viewBox="0 0 20 20">
          {[0, 1, 2].map((i) => (
            <rect
              key={i}
              x={2 + i * 6}
              y={12 - i * 5}
              width="4"
              height={5 + i * 5}
              rx="1.2"
              className={i < BARS[state] ? styles.full : styles.empty}
            />
          ))}
        </svg>
      )}
      <span className={text ? undefined : styles.unseen}>{words}</span>
    </span>
  );
}
