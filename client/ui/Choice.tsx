import { Check, ChevronDown } from 'lucide-react';
import { Button } from 'react-aria-components/Button';
import { Label } from 'react-aria-components/Label';
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox';
import { Popover } from 'react-aria-components/Popover';
import { Select, SelectValue } from 'react-aria-components/Select';
import styles from './Choice.module.css';

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly { readonly id: string; readonly text: string }[];
  readonly onChange: (id: string) => void;
  readonly isDisabled?: boolean;
}

/** One of several, in a list that opens. */
export function Choice({ label, value, options, onChange, isDisabled }: ChoiceProps) {
  return (
    <Select
      value={value}
      onChange={(key) => key !== null && onChange(String(key))}
      isDisabled={isDisabled}
      className={styles.choice}
    >
      <Label className={styles.label}>{label}</Label>
      <Button className={styles.button}>
        <SelectValue className={styles.value} />
        <ChevronDown aria-hidden size={20} />
      </Button>
      <Popover className={styles.popover}>
        <ListBox className={styles.list}>
          {options.map(({ id, text }) => (
            <ListBoxItem key={id} id={id} textValue={text} className={styles.item}>
              {({ isSelected }) => (
                <>
                  <span>{text}</span>
                  {isSelected && <Check aria-hidden size={20} />}
                </>
              )}
            </ListBoxItem>
          ))}
        </ListBox>
      </Popover>
    </Select>
  );
}
