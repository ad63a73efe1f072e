import { WifiOff } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { classes } from '../../ui/classes.ts';
import { useNow } from '../../ui/time.ts';
import styles from './Comeback.module.css';

/** Shorter cuts than this are over before anyone has read of them, milliseconds. */
const NOTICED = 1500;

/** Says that the link is lost and that nothing needs doing, at the board's edge: what was written stays in sight. */
export function Comeback({ isLost, className }: { isLost: boolean; className?: string }) {
  return isLost ? <Lost className={className} /> : null;
}

function Lost({ className }: { className?: string }) {
  const { t } = useTranslation();
  const [since] = useState(Date.now);
  const now = useNow(1000);
  const [noticed, setNoticed] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setNoticed(true), NOTICED);
    return () => clearTimeout(timer);
  }, []);
  if (!noticed) return null;
  const seconds = Math.max(0, Math.round((now - since) / 1000));
  return (
    <div className={classes(styles.lost, className)}>
      <WifiOff aria-hidden size={28} />
      <p>
        {/* Read out once, not every second. */}
        <span className={styles.unseen} role="status">
          {t('lesson.coming')}
        </span>
        <span aria-hidden>{t('lesson.comingFor', { seconds })}</span>
      </p>
    </div>
  );
}
