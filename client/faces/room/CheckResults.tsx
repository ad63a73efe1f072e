import { CircleAlert, CircleCheck, CircleHelp, type LucideIcon, OctagonAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { CheckItem, Level } from '../../../protocol/devices.ts';
import styles from './CheckResults.module.css';

const ICONS: Readonly<Record<Level, LucideIcon>> = {
  red: OctagonAlert,
  amber: CircleAlert,
  green: CircleCheck,
  grey: CircleHelp,
};

/** What a check found, a line each: told by form and colour, with the one sentence of what to do. */
export function CheckResults({ items }: { items: readonly CheckItem[] }) {
  const { t } = useTranslation();
  return (
    <ul className={styles.items}>
      {items.map(({ part, level, code }) => {
        const Icon = ICONS[level];
        return (
          <li key={part} data-level={level}>
            <Icon aria-hidden size={22} />
            <strong>{t(`check.part.${part}`)}</strong>
            <span>{t(`check.code.${code}`)}</span>
          </li>
        );
      })}
    </ul>
  );
}
