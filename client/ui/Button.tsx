import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button as AriaButton, type ButtonProps as AriaProps } from 'react-aria-components/Button';
import styles from './Button.module.css';
import { classes } from './classes.ts';

export interface ButtonProps extends Omit<AriaProps, 'className' | 'children' | 'style'> {
  /** `primary` once a view; `danger` for what ends something. */
  readonly look?: 'primary' | 'plain' | 'quiet' | 'danger';
  readonly size?: 'medium' | 'large';
  readonly icon?: LucideIcon;
  readonly className?: string;
  readonly children: ReactNode;
}

export function Button({
  look = 'plain',
  size = 'medium',
  icon: Icon,
  className,
  children,
  ...rest
}: ButtonProps) {
  return (
    <AriaButton {...rest} className={classes(styles.button, styles[look], styles[size], className)}>
      {Icon && <Icon aria-hidden size={size === 'large' ? 22 : 20} />}
      <span>{children}</span>
    </AriaButton>
  );
}
