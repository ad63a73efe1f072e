import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import styles from './Badge.module.css';
import { classes } from './classes.ts';

interface BadgeProps {
  readonly tone?: 'quiet' | 'live' | 'good' | 'warning' | 'lake';
  readonly icon?: LucideIcon;
  /** Before the text instead of an icon: a dot that breathes while something is going on. */
  readonly pulse?: boolean;
  readonly className?: string;
  readonly children: ReactNode;
}

/** A state in a word. */
export function Badge({ tone = 'quiet', icon: Icon, pulse, className, children }: BadgeProps) {
  return (
    <span className={classes(styles.badge, styles[tone], className)}>
      {pulse && <span aria-hidden className={styles.dot} />}
      {Icon && <Icon aria-hidden size={16} strokeWidth={2.2} />}
      {children}
    </span>
  );
}
