import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button as AriaButton } from 'react-aria-components/Button';
import { ToggleButton as AriaToggle } from 'react-aria-components/ToggleButton';
import { classes } from './classes.ts';
import styles from './IconButton.module.css';

interface Common {
  /** The accessible name; shown beside the control when one stays over it. */
  readonly label: string;
  readonly icon: LucideIcon;
  /** A word under the icon, for controls that must be understood at a glance. */
  readonly caption?: string;
  readonly badge?: ReactNode;
  readonly placement?: 'top' | 'bottom' | 'left' | 'right';
  readonly isDisabled?: boolean;
  readonly className?: string;
}

interface PressProps extends Common {
  /** Left out where what it opens is around it. */
  readonly onPress?: () => void;
  readonly shortcut?: string;
}

export function IconButton({ label, onPress, isDisabled, className, shortcut, ...face }: PressProps) {
  return (
    <AriaButton
      aria-label={label}
      aria-keyshortcuts={shortcut}
      onPress={onPress}
      isDisabled={isDisabled}
      className={classes(styles.button, face.caption && styles.captioned, className)}
    >
      <Face label={label} {...face} />
    </AriaButton>
  );
}

interface ToggleProps extends Common {
  readonly isOn: boolean;
  readonly onChange: (on: boolean) => void;
  /** `live`: others see or hear one while it is on. `hand`: a raised hand. */
  readonly meaning?: 'choice' | 'live' | 'hand';
  readonly shortcut?: string;
}

/** One control with two states, told by fill and shape, not by colour alone. */
export function IconToggle({
  label,
  isOn,
  onChange,
  isDisabled,
  className,
  meaning = 'choice',
  shortcut,
  ...face
}: ToggleProps) {
  return (
    <AriaToggle
      aria-label={label}
      aria-keyshortcuts={shortcut}
      isSelected={isOn}
      onChange={onChange}
      isDisabled={isDisabled}
      className={classes(styles.button, styles[meaning], face.caption && styles.captioned, className)}
    >
      <Face label={label} {...face} />
    </AriaToggle>
  );
}

function Face({ icon: Icon, label, caption, badge, placement = 'bottom' }: Common) {
  return (
    <>
      <Icon aria-hidden size={24} strokeWidth={1.9} />
      {caption ? (
        <span className={styles.caption}>{caption}</span>
      ) : (
        <span aria-hidden className={classes(styles.tip, styles[placement])}>
          {label}
        </span>
      )}
      {badge !== undefined && badge !== null && <span className={styles.badge}>{badge}</span>}
    </>
  );
}
