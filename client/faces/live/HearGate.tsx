import { Volume2 } from 'lucide-react';
import { Button } from 'react-aria-components/Button';
import { useTranslation } from 'react-i18next';
import { classes } from '../../ui/classes.ts';
import { allowSound, useSoundBlocked } from '../../ui/sound.ts';
import styles from './HearGate.module.css';

/** Only where the browser wants a touch before it plays: one large place to touch. */
export function HearGate({ className }: { className?: string }) {
  const { t } = useTranslation();
  if (!useSoundBlocked()) return null;
  return (
    <Button className={classes(styles.gate, className)} onPress={allowSound}>
      <Volume2 aria-hidden size={36} />
      <span>
        <strong>{t('lesson.tapToHear')}</strong>
        <small>{t('lesson.tapToHearHint')}</small>
      </span>
    </Button>
  );
}
