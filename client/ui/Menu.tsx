import { Check, type LucideIcon } from 'lucide-react';
import type { ReactElement } from 'react';
import { Header } from 'react-aria-components/Header';
import { Menu as AriaMenu, MenuItem, MenuSection, MenuTrigger } from 'react-aria-components/Menu';
import { Popover } from 'react-aria-components/Popover';
import styles from './Menu.module.css';

export interface MenuChoice {
  readonly id: string;
  readonly text: string;
  /** Where it is not the page's own. */
  readonly lang?: string;
  readonly icon?: LucideIcon;
  readonly danger?: boolean;
  readonly onChoose: () => void;
}

export interface MenuPart {
  readonly id: string;
  readonly title?: string;
  /** The chosen one of several: shown with a tick. */
  readonly chosen?: string;
  readonly choices: readonly MenuChoice[];
}

/** `children` is the button that opens it. */
export function Menu({
  label,
  parts,
  children,
}: {
  label: string;
  parts: readonly MenuPart[];
  children: ReactElement;
}) {
  return (
    <MenuTrigger>
      {children}
      <Popover placement="bottom end" offset={6} className={styles.popover}>
        <AriaMenu aria-label={label} className={styles.menu}>
          {parts.map((part) => (
            <Part key={part.id} part={part} label={label} />
          ))}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}

function Part({ part, label }: { part: MenuPart; label: string }) {
  const selection =
    part.chosen === undefined
      ? {}
      : ({ selectionMode: 'single', selectedKeys: [part.chosen], disallowEmptySelection: true } as const);
  return (
    <MenuSection className={styles.section} {...selection} aria-label={part.title ?? label}>
      {part.title && <Header className={styles.title}>{part.title}</Header>}
      {part.choices.map(({ id, text, lang, icon: Icon, danger, onChoose }) => (
        <MenuItem
          key={id}
          id={id}
          textValue={text}
          onAction={onChoose}
          className={styles.item}
          data-danger={danger || undefined}
        >
          {({ isSelected }) => (
            <>
              {Icon && <Icon aria-hidden size={20} />}
              <span lang={lang} className={styles.text}>
                {text}
              </span>
              {isSelected && <Check aria-hidden size={20} />}
            </>
          )}
        </MenuItem>
      ))}
    </MenuSection>
  );
}
