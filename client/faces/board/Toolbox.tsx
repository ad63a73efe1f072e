import {
  ArrowUpRight,
  ChartSpline,
  Circle,
  Compass,
  Eraser,
  Gauge,
  Hexagon,
  Highlighter,
  Lasso,
  type LucideIcon,
  MoveHorizontal,
  PenLine,
  Pentagon,
  Ruler,
  Scissors,
  Shapes,
  Slash,
  Square,
  Triangle,
  TriangleRight,
  Type,
  Wand,
} from 'lucide-react';
import { Button as AriaButton } from 'react-aria-components/Button';
import { Dialog, DialogTrigger } from 'react-aria-components/Dialog';
import { Popover } from 'react-aria-components/Popover';
import { ToggleButton } from 'react-aria-components/ToggleButton';
import { ToggleButtonGroup } from 'react-aria-components/ToggleButtonGroup';
import { useTranslation } from 'react-i18next';
import type { ShapeKind } from '../../../protocol/board-events.ts';
import type { InstrumentKind } from '../../board/instruments.ts';
import type { TextKey } from '../../i18n/catalogue.ts';
import { classes } from '../../ui/classes.ts';
import type { PlotKind } from './PlotDialog.tsx';
import type { Pens, Tool } from './pens.ts';
import styles from './Tools.module.css';

interface Choice<T extends string> {
  readonly id: T;
  readonly icon: LucideIcon;
  readonly name: TextKey;
  readonly key?: string;
}

/** Always in reach. */
const FIRST: readonly Choice<Tool>[] = [
  { id: 'pen', icon: PenLine, name: 'teach.tool.pen', key: 'p' },
  { id: 'highlighter', icon: Highlighter, name: 'teach.tool.highlighter', key: 'h' },
  { id: 'eraser', icon: Eraser, name: 'teach.tool.eraser', key: 'e' },
];

/** In reach where there is room; among the others everywhere. */
const SECOND: readonly Choice<Tool>[] = [
  { id: 'select', icon: Lasso, name: 'board.tool.select', key: 's' },
  { id: 'text', icon: Type, name: 'board.tool.text', key: 't' },
  { id: 'laser', icon: Wand, name: 'teach.tool.laser', key: 'l' },
];

const MORE: readonly Choice<Tool>[] = [
  ...SECOND,
  { id: 'cutter', icon: Scissors, name: 'board.tool.cutter' },
  { id: 'corners', icon: Pentagon, name: 'board.tool.corners' },
];

const SHAPES: readonly Choice<ShapeKind>[] = [
  { id: 'line', icon: Slash, name: 'board.shape.line' },
  { id: 'arrow', icon: ArrowUpRight, name: 'board.shape.arrow' },
  { id: 'rectangle', icon: Square, name: 'board.shape.rectangle' },
  { id: 'ellipse', icon: Circle, name: 'board.shape.ellipse' },
  { id: 'triangle', icon: Triangle, name: 'board.shape.triangle' },
  { id: 'polygon', icon: Hexagon, name: 'board.shape.polygon' },
];

const INSTRUMENTS: readonly Choice<InstrumentKind>[] = [
  { id: 'ruler', icon: Ruler, name: 'board.instrument.ruler' },
  { id: 'square', icon: TriangleRight, name: 'board.instrument.square' },
  { id: 'protractor', icon: Gauge, name: 'board.instrument.protractor' },
  { id: 'compass', icon: Compass, name: 'board.instrument.compass' },
];

/** Made once and put on the page. */
const PLOTS: readonly { id: PlotKind; icon: LucideIcon }[] = [
  { id: 'graph', icon: ChartSpline },
  { id: 'numberline', icon: MoveHorizontal },
];

interface ToolboxProps {
  readonly pens: Pens;
  readonly onPens: (pens: Pens) => void;
  /** A graph or a number line is asked for. */
  readonly onPlot: (kind: PlotKind) => void;
}

/** The tools of the board: a few in reach, the others behind one button. */
export function Toolbox({ pens, onPens, onPlot }: ToolboxProps) {
  const { t } = useTranslation();
  return (
    <>
      <Choices
        label={t('teach.tool.label')}
        choices={[...FIRST, ...SECOND]}
        roomy={SECOND}
        chosen={pens.tool}
        onChoose={(tool) => onPens({ ...pens, tool })}
      />
      <MoreTools pens={pens} onPens={onPens} onPlot={onPlot} />
    </>
  );
}

function MoreTools({ pens, onPens, onPlot }: ToolboxProps) {
  const { t } = useTranslation();
  const hidden = [...MORE, ...SHAPES].find(
    ({ id }) => id === (pens.tool === 'shape' ? pens.shape : pens.tool),
  );
  const Icon = hidden?.icon ?? Shapes;
  const name = hidden ? `${t('board.tool.more')}: ${t(hidden.name)}` : t('board.tool.more');
  return (
    <DialogTrigger>
      <AriaButton
        className={classes(styles.tool, styles.more)}
        data-active={hidden ? true : undefined}
        aria-label={name}
      >
        <Icon aria-hidden size={24} strokeWidth={1.9} />
        <span className={styles.caption}>{t(hidden?.name ?? 'board.tool.more')}</span>
      </AriaButton>
      <Popover placement="top" className={styles.popover}>
        <Dialog aria-label={t('board.tool.more')} className={styles.box}>
          {({ close }) => {
            const choose = (patch: Partial<Pens>) => {
              onPens({ ...pens, ...patch });
              close();
            };
            return (
              <>
                <Choices
                  label={t('board.tool.more')}
                  choices={MORE}
                  chosen={pens.tool}
                  onChoose={(tool) => choose({ tool })}
                  isLarge
                />
                <h3>{t('board.tool.shape')}</h3>
                <Choices
                  label={t('board.tool.shape')}
                  choices={SHAPES}
                  chosen={pens.tool === 'shape' ? pens.shape : null}
                  onChoose={(shape) => choose({ tool: 'shape', shape })}
                  isLarge
                />
                <div className={classes(styles.group, styles.wrap)}>
                  {PLOTS.map(({ id, icon: PlotIcon }) => (
                    <AriaButton
                      key={id}
                      className={classes(styles.tool, styles.choice)}
                      aria-label={t(`plot.${id}`)}
                      onPress={() => {
                        close();
                        onPlot(id);
                      }}
                    >
                      <PlotIcon aria-hidden size={24} strokeWidth={1.9} />
                      <span className={styles.caption}>{t(`plot.${id}`)}</span>
                    </AriaButton>
                  ))}
                </div>
                <h3>{t('board.tool.instruments')}</h3>
                <Choices
                  label={t('board.tool.instruments')}
                  choices={INSTRUMENTS}
                  chosen={pens.instrument}
                  onChoose={(instrument) => choose({ instrument })}
                  onNone={() => choose({ instrument: null })}
                  isLarge
                />
              </>
            );
          }}
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

interface ChoicesProps<T extends string> {
  readonly label: string;
  readonly choices: readonly Choice<T>[];
  readonly chosen: T | null;
  readonly onChoose: (id: T) => void;
  /** Pressing the chosen one again puts it away. */
  readonly onNone?: () => void;
  readonly roomy?: readonly Choice<T>[];
  readonly isLarge?: boolean;
}

function Choices<T extends string>({
  label,
  choices,
  chosen,
  onChoose,
  onNone,
  roomy,
  isLarge,
}: ChoicesProps<T>) {
  const { t } = useTranslation();
  return (
    <ToggleButtonGroup
      aria-label={label}
      selectionMode="single"
      disallowEmptySelection={!onNone && chosen !== null}
      selectedKeys={chosen === null ? [] : [chosen]}
      onSelectionChange={(keys) => {
        const next = choices.find(({ id }) => keys.has(id));
        if (next) onChoose(next.id);
        else onNone?.();
      }}
      className={classes(styles.group, isLarge && styles.wrap)}
    >
      {choices.map((choice) => (
        <ToggleButton
          key={choice.id}
          id={choice.id}
          className={classes(styles.tool, isLarge && styles.choice, roomy?.includes(choice) && styles.roomy)}
          aria-label={t(choice.name)}
          aria-keyshortcuts={choice.key}
        >
          <choice.icon aria-hidden size={24} strokeWidth={1.9} />
          <span className={styles.caption}>{t(choice.name)}</span>
        </ToggleButton>
      ))}
    </ToggleButtonGroup>
  );
}
