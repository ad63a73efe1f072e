import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button as AriaButton } from 'react-aria-components/Button';
import { ToggleButton as AriaToggle } from 'react-aria-components/ToggleButton';
import { Tooltip, TooltipTrigger } from 'react-aria-components/Tooltip';
import { classes } from './classes.ts';
import styles from './IconButton.module.css';

interface Common {
  /** The accessible name; shown as a tooltip too, and under the icon with `caption`. */
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
  readonly onPress: () => void;
  readonly shortcut?: string;
}

/** Milliseconds over a control before its name is shown; sooner disturbs a pen on its way to the board. */
const TOOLTIP_DELAY = 500;

export function IconButton({ label, onPress, isDisabled, className, shortcut, ...face }: PressProps) {
  return (
    <Named label={label} placement={face.placement}>
      <AriaButton
        aria-label={label}
        aria-keyshortcuts={shortcut}
        onPress={onPress}
        isDisabled={isDisabled}
        className={classes(styles.button, face.caption && styles.captioned, className)}
      >
        <Face {...face} />
      </AriaButton>
    </Named>
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
    <Named label={label} placement={face.placement}>
      <AriaToggle
        aria-label={label}
        aria-keyshortcuts={shortcut}
        isSelected={isOn}
        onChange={onChange}
        isDisabled={isDisabled}
        className={classes(styles.button, styles[meaning], face.caption && styles.captioned, className)}
      >
        <Face {...face} />
      </AriaToggle>
    </Named>
  );
}

function Face({ icon: Icon, caption, badge }: Pick<Common, 'icon' | 'caption' | 'badge'>) {
  return (
    <>
      <Icon aria-hidden size={24} strokeWidth={1.9} />
      {caption && <span className={styles.caption}>{caption}</span>}
      {badge !== undefined && badge !== null && <span className={styles.badge}>{badge}</span>}
    </>
  );
}

function Named({
  label,
  placement = 'bottom',
  children,
}: {
  label: string;
  placement?: Common['placement'];
  children: ReactNode;
}) {
  return (
    <TooltipTrigger delay={TOOLTIP_DELAY} closeDelay={0}>
      {children}
      <Tooltip placement={placement} offset={6} className={styles.tooltip}>
        {label}
      </Tooltip>
    </TooltipTrigger>
  );
}
