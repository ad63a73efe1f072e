import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import styles from './Button.module.css';
import { classes } from './classes.ts';

interface LinkButtonProps {
  readonly to: string;
  readonly look?: 'primary' | 'plain' | 'quiet';
  readonly size?: 'medium' | 'large';
  readonly icon?: LucideIcon;
  readonly className?: string;
  /** Where the words alone do not say which one of many. */
  readonly label?: string;
  readonly children: ReactNode;
}

/** Goes somewhere, and looks like the button one presses for it. */
export function LinkButton({
  to,
  look = 'plain',
  size = 'medium',
  icon: Icon,
  className,
  label,
  children,
}: LinkButtonProps) {
  return (
    <Link
      to={to}
      aria-label={label}
      className={classes(styles.button, styles.link, styles[look], styles[size], className)}
    >
      {Icon && <Icon aria-hidden size={size === 'large' ? 22 : 20} />}
      <span>{children}</span>
    </Link>
  );
}
