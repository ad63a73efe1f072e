import type { Matrix } from '../../protocol/board-events.ts';
import { transformOf } from './drawing-path.ts';
import {
  colourOf,
  type DrawingNode,
  digits,
  must,
  numberOf,
  propertiesOf,
  Unreadable,
} from './drawing-values.ts';

/** Colours that pass into each other: as PDF paints them, and where that has to be put. */
export interface Shading {
  /** A shading dictionary (ISO 32000-1, 8.7.4.5). */
  readonly dictionary: string;
  readonly matrix: Matrix;
}

/** Throws Unreadable for what is more than colours along a line or between two circles, in the drawing's own units. */
export function shadingOf(node: DrawingNode): Shading {
  const number = (name: string) => numberOf(must(node.getAttribute(name), 'where colours pass'));
  const isPlain =
    node.getAttribute('gradientUnits') === 'userSpaceOnUse' &&
    (node.getAttribute('spreadMethod') ?? 'pad') === 'pad' &&
    node.getAttribute('href') === null;
  if (!isPlain) throw new Unreadable('colours that pass otherwise');
  const matrix = must(transformOf(node.getAttribute('gradientTransform')), 'transform');
  const isLine = node.localName === 'linearGradient';
  if (!isLine && node.localName !== 'radialGradient') throw new Unreadable(node.localName);
  const focus = (name: string, otherwise: string) =>
    node.getAttribute(name) === null ? number(otherwise) : number(name);
  const coords = isLine
    ? ['x1', 'y1', 'x2', 'y2'].map(number)
    : [
        focus('fx', 'cx'),
        focus('fy', 'cy'),
        numberOf(node.getAttribute('fr')),
        ...['cx', 'cy', 'r'].map(number),
      ];
  const place = `/ShadingType ${isLine ? 2 : 3}/Coords[${coords.map(digits).join(' ')}]/Extend[true true]`;
  return { dictionary: `<<${place}/ColorSpace/DeviceRGB/Function ${passageOf(stopsOf(node))}>>`, matrix };
}

interface Stop {
  readonly at: number;
  readonly colour: string;
}

function stopsOf(node: DrawingNode): Stop[] {
  const stops: Stop[] = [];
  for (const stop of node.children) {
    if (stop.localName !== 'stop') continue;
    const properties = propertiesOf(stop);
    if (Number(properties.get('stop-opacity') ?? 1) !== 1) throw new Unreadable('colours that shine through');
    const offset = stop.getAttribute('offset') ?? '0';
    const share = offset.endsWith('%') ? numberOf(offset.slice(0, -1)) / 100 : numberOf(offset);
    const at = Math.max(stops.at(-1)?.at ?? 0, Math.min(1, Math.max(0, share)));
    stops.push({ at, colour: must(colourOf(properties.get('stop-color') ?? 'black'), 'no colour') });
  }
  return stops;
}

/** From each colour to the next; before the first and after the last, that one. */
function passageOf(stops: readonly Stop[]): string {
  const [first, last] = [must(stops[0], 'no colours'), must(stops.at(-1), 'no colours')];
  const all = [{ ...first, at: 0 }, ...stops, { ...last, at: 1 }];
  const steps = all.slice(1).flatMap((to, i) => {
    const from = all[i];
    return from && to.at > from.at ? [{ from, to }] : [];
  });
  const one = ({ from, to }: { from: Stop; to: Stop }) =>
    `<</FunctionType 2/Domain[0 1]/N 1/C0[${from.colour}]/C1[${to.colour}]>>`;
  const bounds = steps.slice(1).map(({ from }) => digits(from.at));
  const encode = steps.map(() => '0 1');
  return `<</FunctionType 3/Domain[0 1]/Functions[${steps.map(one).join('')}]/Bounds[${bounds.join(' ')}]/Encode[${encode.join(' ')}]>>`;
}
