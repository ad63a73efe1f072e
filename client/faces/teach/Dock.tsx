import { Eraser, Highlighter, type LucideIcon, Palette, PenLine, Redo2, Undo2, Wand } from 'lucide-react';
import { Button as AriaButton } from 'react-aria-components/Button';
import { Dialog, DialogTrigger } from 'react-aria-components/Dialog';
import { Popover } from 'react-aria-components/Popover';
import { ToggleButton } from 'react-aria-components/ToggleButton';
import { ToggleButtonGroup } from 'react-aria-components/ToggleButtonGroup';
import { useTranslation } from 'react-i18next';
import { canTravel } from '../../../protocol/board.ts';
import { IconButton } from '../../ui/IconButton.tsx';
import type { Live } from '../live/Lesson.tsx';
import { inkingOf, PALETTES, type Pens, type Style, type Tool } from './brush.ts';
import styles from './Dock.module.css';
import { Pages } from './Pages.tsx';

interface DockProps {
  readonly live: Live;
  readonly pens: Pens;
  readonly onPens: (pens: Pens) => void;
}

/** Below the board, where also a short teacher at a tall screen reaches it. */
export function Dock({ live, pens, onPens }: DockProps) {
  const { t } = useTranslation();
  const { session, state, you } = live;
  const page = state.board.current;
  return (
    <div className={styles.dock}>
      <section className={styles.tools} aria-label={t('teach.tool.label')}>
        <Tools tool={pens.tool} onTool={(tool) => onPens({ ...pens, tool })} />
        <div className={styles.inline}>
          <StylePicker pens={pens} onPens={onPens} />
        </div>
        <DialogTrigger>
          <AriaButton className={styles.style} aria-label={t('teach.tool.style')}>
            <Palette aria-hidden size={22} />
            <Dot colour={pens.styles[inkingOf(pens.tool)].colour} size={16} />
          </AriaButton>
          <Popover placement="top" className={styles.popover}>
            <Dialog aria-label={t('teach.tool.style')} className={styles.picker}>
              <StylePicker pens={pens} onPens={onPens} />
            </Dialog>
          </Popover>
        </DialogTrigger>
        <div className={styles.travel}>
          <IconButton
            icon={Undo2}
            label={t('teach.tool.undo')}
            placement="top"
            shortcut="Control+Z"
            isDisabled={!canTravel(state.board, you.participant, page, 'done')}
            onPress={() => session.perform('ink.undo', { page })}
          />
          <IconButton
            icon={Redo2}
            label={t('teach.tool.redo')}
            placement="top"
            shortcut="Control+Y"
            isDisabled={!canTravel(state.board, you.participant, page, 'undone')}
            onPress={() => session.perform('ink.redo', { page })}
          />
        </div>
      </section>
      <Pages live={live} />
    </div>
  );
}

const TOOLS: readonly { readonly tool: Tool; readonly icon: LucideIcon; readonly key: string }[] = [
  { tool: 'pen', icon: PenLine, key: 'p' },
  { tool: 'highlighter', icon: Highlighter, key: 'h' },
  { tool: 'eraser', icon: Eraser, key: 'e' },
  { tool: 'laser', icon: Wand, key: 'l' },
];

function Tools({ tool, onTool }: { tool: Tool; onTool: (tool: Tool) => void }) {
  const { t } = useTranslation();
  return (
    <ToggleButtonGroup
      aria-label={t('teach.tool.label')}
      selectionMode="single"
      disallowEmptySelection
      selectedKeys={[tool]}
      onSelectionChange={(keys) => {
        const chosen = TOOLS.find((known) => keys.has(known.tool));
        if (chosen) onTool(chosen.tool);
      }}
      className={styles.group}
    >
      {TOOLS.map(({ tool: id, icon: Icon, key }) => (
        <ToggleButton
          key={id}
          id={id}
          className={styles.tool}
          aria-label={t(`teach.tool.${id}`)}
          aria-keyshortcuts={key}
        >
          <Icon aria-hidden size={24} strokeWidth={1.9} />
          <span className={styles.caption}>{t(`teach.tool.${id}`)}</span>
        </ToggleButton>
      ))}
    </ToggleButtonGroup>
  );
}

function StylePicker({ pens, onPens }: Omit<DockProps, 'live'>) {
  const { t } = useTranslation();
  const inking = inkingOf(pens.tool);
  const style = pens.styles[inking];
  const { colours, widths } = PALETTES[inking];
  // Choosing a colour with the eraser in hand means that one wants to write.
  const tool: Tool = pens.tool === 'highlighter' ? 'highlighter' : 'pen';
  const change = (patch: Partial<Style>) =>
    onPens({ tool, styles: { ...pens.styles, [inking]: { ...style, ...patch } } });
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
