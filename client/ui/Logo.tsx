import { useTranslation } from 'react-i18next';
import { classes } from './classes.ts';
import styles from './Logo.module.css';

/**
 * The first character of 同课, drawn as what it stands for: the frame of a classroom, a line written on its board,
 * and a far room's screen within.
 */
export function LogoMark({ size = 32 }: { size?: number }) {
  return (
    <svg aria-hidden="true" width={size} height={size} viewBox="0 0 32 32">
      <rect width="32" height="32" rx="7" className={styles.ground} />
      <g fill="none" strokeWidth="2.6" strokeLinecap="round" strokeLinejoin="round" className={styles.line}>
        <path d="M7.5 25.5V9A2.5 2.5 0 0 1 10 6.5h12A2.5 2.5 0 0 1 24.5 9v16.5" />
        <path d="M12.3 12h7.4" />
      </g>
      <rect x="11.2" y="16" width="9.6" height="8" rx="1.6" className={styles.screen} />
    </svg>
  );
}

interface LogoProps {
  readonly size?: number;
  /** Without the name where the screen is narrow. */
  readonly shrinks?: boolean;
  readonly className?: string;
}

export function Logo({ size = 32, shrinks, className }: LogoProps) {
  const { t } = useTranslation();
  return (
    <span className={classes(styles.logo, shrinks && styles.shrinks, className)}>
      <LogoMark size={size} />
      <span className={styles.name}>{t('app.name')}</span>
    </span>
  );
}
