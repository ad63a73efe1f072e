import { useTranslation } from 'react-i18next';
import type { Level } from '../../../protocol/devices.ts';
import styles from './LevelMark.module.css';

/** By form as well as colour: a square, a triangle, a disc, a ring. */
export function LevelMark({ level }: { level: Level }) {
  const { t } = useTranslation();
  return (
    <svg className={styles[level]} width="18" height="18" viewBox="0 0 18 18" role="img">
      <title>{t(`rooms.level.${level}`)}</title>
      {level === 'red' && <rect x="2" y="2" width="14" height="14" rx="2" />}
      {level === 'amber' && <path d="M9 1.5 17 16H1z" />}
      {level === 'green' && <circle cx="9" cy="9" r="7" />}
      {level === 'grey' && <circle cx="9" cy="9" r="6" fill="none" strokeWidth="2.4" />}
    </svg>
  );
}
