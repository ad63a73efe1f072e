import { CircleCheck, Info, type LucideIcon, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { classes } from './classes.ts';
import styles from './Notice.module.css';

const ICONS = {
  info: Info,
  good: CircleCheck,
  warning: TriangleAlert,
  error: TriangleAlert,
} satisfies Record<string, LucideIcon>;

interface NoticeProps {
  readonly tone?: keyof typeof ICONS;
  readonly action?: ReactNode;
  readonly className?: string;
  readonly children: ReactNode;
}

/** What happened and what to do, where it happened. Errors are read out at once. */
export function Notice({ tone = 'info', action, className, children }: NoticeProps) {
  const Icon = ICONS[tone];
  return (
    <div
      role={tone === 'error' ? 'alert' : 'status'}
      className={classes(styles.notice, styles[tone], className)}
    >
      <Icon aria-hidden size={22} />
      <p className={styles.text}>{children}</p>
      {action}
    </div>
  );
}
