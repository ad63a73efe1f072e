import { Hand } from 'lucide-react';
import { useState } from 'react';
import { ToggleButton } from 'react-aria-components/ToggleButton';
import { useTranslation } from 'react-i18next';
import { classes } from '../../ui/classes.ts';
import styles from './HandButton.module.css';
import type { Live } from './Lesson.tsx';
import { handPosition } from './roster.ts';
import { useAsk } from './useAsk.ts';

/** Up until the teacher calls, or until one thinks better of it. Says how many are before one. */
export function HandButton({ live, className }: { live: Live; className?: string }) {
  const { t } = useTranslation();
  const ask = useAsk(live.session);
  const [busy, setBusy] = useState(false);
  const place = handPosition(live.state, live.you.participant);
  const isUp = place > 0;
  const change = async () => {
    setBusy(true);
    await ask(isUp ? 'hand.lower' : 'hand.raise', {});
    setBusy(false);
  };
  return (
    <ToggleButton
      isSelected={isUp}
      onChange={() => void change()}
      isDisabled={busy}
      aria-label={isUp ? t('hand.lower') : t('hand.raise')}
      className={classes(styles.hand, className)}
    >
      <Hand aria-hidden size={28} />
      <span>{isUp ? t('hand.position', { n: place }) : t('hand.raise')}</span>
    </ToggleButton>
  );
}
