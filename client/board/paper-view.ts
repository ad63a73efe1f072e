import type { BoardPage } from '../../protocol/board.ts';
import { PAGE_HEIGHT, PAGE_WIDTH, type PageKind, type View } from '../../protocol/board-events.ts';
import { paperLines } from './paper.ts';
import { visible } from './viewport.ts';

const SVG = 'http://www.w3.org/2000/svg';

/** What lies beneath all marks: the paper's lines. SVG: sharp at any size without being drawn again. */
export class Paper {
  readonly element = document.createElementNS(SVG, 'svg');
  #kind: PageKind | null = null;

  constructor() {
    Object.assign(this.element.style, { position: 'absolute', inset: '0', width: '100%', height: '100%' });
    this.element.setAttribute('viewBox', `0 0 ${PAGE_WIDTH} ${PAGE_HEIGHT}`);
    this.element.setAttribute('aria-hidden', 'true');
  }

  show({ kind }: Pick<BoardPage, 'kind'>): void {
    if (kind === this.#kind) return;
    this.#kind = kind;
    const lines = paperLines(kind).map(({ weight, colour, dashed, ...ends }) =>
      lineElement({
        ...ends,
        stroke: colour,
        'stroke-width': weight,
        'stroke-dasharray': dashed ? '5 4' : 'none',
        'vector-effect': 'non-scaling-stroke',
      }),
    );
    this.element.replaceChildren(...lines);
  }

  look(view: View): void {
    const { left, top, right, bottom } = visible(view);
    this.element.setAttribute('viewBox', `${left} ${top} ${right - left} ${bottom - top}`);
  }
}

function lineElement(attributes: Readonly<Record<string, string | number>>): SVGElement {
  const made = document.createElementNS(SVG, 'line');
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}
