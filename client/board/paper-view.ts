import type { BoardPage } from '../../protocol/board.ts';
import { PAGE_HEIGHT, PAGE_WIDTH, type View } from '../../protocol/board-events.ts';
import { paperLines } from './paper.ts';
import { pictureUrl } from './pictures.ts';
import { visible } from './viewport.ts';

const SVG = 'http://www.w3.org/2000/svg';

/** What lies beneath all marks: the paper's lines and a page of courseware. SVG: sharp at any size without being drawn again. */
export class Paper {
  readonly element = document.createElementNS(SVG, 'svg');
  #shown = '';

  constructor() {
    Object.assign(this.element.style, { position: 'absolute', inset: '0', width: '100%', height: '100%' });
    this.element.setAttribute('viewBox', `0 0 ${PAGE_WIDTH} ${PAGE_HEIGHT}`);
    this.element.setAttribute('aria-hidden', 'true');
  }

  show({ kind, picture }: Pick<BoardPage, 'kind' | 'picture'>): void {
    const shown = `${kind} ${picture?.id ?? ''}`;
    if (shown === this.#shown) return;
    this.#shown = shown;
    const lines = paperLines(kind).map(({ weight, colour, dashed, ...ends }) =>
      element('line', {
        ...ends,
        stroke: colour,
        'stroke-width': weight,
        'stroke-dasharray': dashed ? '5 4' : 'none',
        'vector-effect': 'non-scaling-stroke',
      }),
    );
    const image = picture
      ? [element('image', { href: pictureUrl(picture), width: PAGE_WIDTH, height: PAGE_HEIGHT })]
      : [];
    this.element.replaceChildren(...image, ...lines);
  }

  look(view: View): void {
    const { left, top, right, bottom } = visible(view);
    this.element.setAttribute('viewBox', `${left} ${top} ${right - left} ${bottom - top}`);
  }
}

function element(name: 'line' | 'image', attributes: Readonly<Record<string, string | number>>): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}
