import type { ShapeKind } from '../../../protocol/board-events.ts';
import type { InstrumentKind } from '../../board/instruments.ts';
import type { BoardTool } from '../../board/writer.ts';
import type { TextKey } from '../../i18n/catalogue.ts';

export type Tool = Exclude<BoardTool, 'none'>;

interface Colour {
  readonly value: string;
  readonly name: Extract<TextKey, `teach.colour.${string}`>;
}

interface Width {
  /** Board units; the page is 1920 wide. */
  readonly value: number;
  readonly name: Extract<TextKey, `teach.width.${string}`>;
}

/** Each is 4.5:1 or better on the white board and told from the others by the colour-blind: it is read from 8 m. */
const INKS: readonly Colour[] = [
  { value: '#14212b', name: 'teach.colour.ink' },
  { value: '#1557b0', name: 'teach.colour.blue' },
  { value: '#c3281a', name: 'teach.colour.red' },
  { value: '#13703d', name: 'teach.colour.green' },
  { value: '#a84b00', name: 'teach.colour.orange' },
  { value: '#7a2a96', name: 'teach.colour.purple' },
];

/** Light enough to read ink through. */
const MARKERS: readonly Colour[] = [
  { value: '#ffd633', name: 'teach.colour.yellow' },
  { value: '#8fdc6c', name: 'teach.colour.lime' },
  { value: '#ff9dc4', name: 'teach.colour.pink' },
  { value: '#86cdf2', name: 'teach.colour.sky' },
];

export const PALETTES = {
  pen: {
    colours: INKS,
    /** The finest is still 3 mm on a screen of 86 inches. */
    widths: [
      { value: 4, name: 'teach.width.fine' },
      { value: 7, name: 'teach.width.medium' },
      { value: 12, name: 'teach.width.bold' },
    ] satisfies readonly Width[],
  },
  highlighter: {
    colours: MARKERS,
    widths: [
      { value: 20, name: 'teach.width.fine' },
      { value: 34, name: 'teach.width.medium' },
      { value: 52, name: 'teach.width.bold' },
    ] satisfies readonly Width[],
  },
} as const;

export type Inking = keyof typeof PALETTES;

export interface Style {
  readonly colour: string;
  readonly width: number;
}

export interface Pens {
  readonly tool: Tool;
  /** Each tool keeps its own colour and width. */
  readonly styles: Readonly<Record<Inking, Style>>;
  readonly shape: ShapeKind;
  /** Lies on the page; none does at first. */
  readonly instrument: InstrumentKind | null;
}

export const FIRST_PENS: Pens = {
  tool: 'pen',
  styles: { pen: { colour: '#14212b', width: 7 }, highlighter: { colour: '#ffd633', width: 34 } },
  shape: 'line',
  instrument: null,
};

/** What the tool in hand draws with; the last pen's where it draws nothing. */
export function inkingOf(tool: Tool): Inking {
  return tool === 'highlighter' ? 'highlighter' : 'pen';
}

/** The tool with which a chosen colour is used: the one in hand, where it has one. */
export function colouring(tool: Tool): Tool {
  return ['highlighter', 'shape', 'corners', 'text'].includes(tool) ? tool : 'pen';
}

/** Sizes of letters for the three widths, board units; the smallest is read from eight metres. */
export function textSize(width: number): number {
  if (width <= 4) return 52;
  return width <= 7 ? 76 : 112;
}
