import { FastForward } from 'lucide-react';
import { Button } from 'react-aria-components/Button';
import { useTranslation } from 'react-i18next';
import { classes } from '../../ui/classes.ts';
import { duration } from '../../ui/time.ts';
import styles from './Behind.module.css';
import type { Live } from './Lesson.tsx';

/** From here on minutes are easier to grasp than seconds, ms. */
const IN_MINUTES = 100_000;

/** How late what is heard and shown is, after an outage; a touch skips to what is being said. */
export function Behind({ live, className }: { live: Live; className?: string }) {
  const { t } = useTranslation();
  const { behind, connection } = live.view;
  if (!behind || connection !== 'joined') return null;
  const { ms, waiting } = behind;
  const doing = t(waiting ? 'behind.waiting' : 'behind.playing');
  return (
    <Button className={classes(styles.behind, className)} onPress={() => live.session.goLive()}>
      <span className={styles.late}>
        <strong>
          {ms < IN_MINUTES
            ? t('behind.seconds', { seconds: Math.round(ms / 1_000) })
            : t('behind.minutes', { time: duration(ms) })}
        </strong>
        <small>{doing}</small>
      </span>
      <span className={styles.skip}>
        <FastForward aria-hidden size={24} />
        {t('behind.skip')}
      </span>
    </Button>
  );
}
