import { Palette } from 'lucide-react';
import { Button as AriaButton } from 'react-aria-components/Button';
import { Dialog, DialogTrigger } from 'react-aria-components/Dialog';
import { Popover } from 'react-aria-components/Popover';
import { ToggleButton } from 'react-aria-components/ToggleButton';
import { ToggleButtonGroup } from 'react-aria-components/ToggleButtonGroup';
import { useTranslation } from 'react-i18next';
import { colouring, inkingOf, PALETTES, type Pens, type Style } from './pens.ts';
import styles from './Tools.module.css';

interface StyleProps {
  readonly pens: Pens;
  readonly onPens: (pens: Pens) => void;
}

/** The same behind one button, where there is no room for a row. */
export function StylePopover(props: StyleProps) {
  const { t } = useTranslation();
  const { pens } = props;
  return (
    <DialogTrigger>
      <AriaButton className={styles.style} aria-label={t('teach.tool.style')}>
        <Palette aria-hidden size={22} />
        <Dot colour={pens.styles[inkingOf(pens.tool)].colour} size={16} />
      </AriaButton>
      <Popover placement="top" className={styles.popover}>
        <Dialog aria-label={t('teach.tool.style')} className={styles.picker}>
          <StylePicker {...props} />
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

/** Colours and widths of the tool in hand. */
export function StylePicker({ pens, onPens }: StyleProps) {
  const { t } = useTranslation();
  const inking = inkingOf(pens.tool);
  const style = pens.styles[inking];
  const { colours, widths } = PALETTES[inking];
  // Choosing a colour with the eraser in hand means that one wants to write.
  const tool = colouring(pens.tool);
  const change = (patch: Partial<Style>) =>
    onPens({ ...pens, tool, styles: { ...pens.styles, [inking]: { ...style, ...patch } } });
  return (
    <>
      <ToggleButtonGroup
        aria-label={t('teach.tool.colour')}
        selectionMode="single"
        disallowEmptySelection
        selectedKeys={[style.colour]}
        onSelectionChange={([colour]) => colour !== undefined && change({ colour: String(colour) })}
        className={styles.group}
      >
        {colours.map(({ value, name }) => (
          <ToggleButton key={value} id={value} className={styles.swatch} aria-label={t(name)}>
            <Dot colour={value} size={26} />
          </ToggleButton>
        ))}
      </ToggleButtonGroup>
      <ToggleButtonGroup
        aria-label={t('teach.tool.width')}
        selectionMode="single"
        disallowEmptySelection
        selectedKeys={[style.width]}
        onSelectionChange={([width]) => width !== undefined && change({ width: Number(width) })}
        className={styles.group}
      >
        {widths.map(({ value, name }, i) => (
          <ToggleButton key={value} id={value} className={styles.swatch} aria-label={t(name)}>
            <svg aria-hidden="true" width="28" height="28" viewBox="0 0 28 28">
              <path
                d="M5 19c6-12 10 4 18-9"
                fill="none"
                stroke="currentColor"
                strokeLinecap="round"
                strokeWidth={2 + i * 2.5}
              />
            </svg>
          </ToggleButton>
        ))}
      </ToggleButtonGroup>
    </>
  );
}

function Dot({ colour, size }: { colour: string; size: number }) {
  return (
    <svg aria-hidden="true" width={size} height={size} viewBox="0 0 26 26" className={styles.dot}>
      <circle cx="13" cy="13" r="12" fill={colour} />
    </svg>
  );
}
