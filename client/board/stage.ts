import { PAGE_HEIGHT, PAGE_WIDTH, type PageKind } from '../../protocol/events.ts';

const PAPER = '#ffffff';
const GRID_LINE = '#dfe5ee';
/** Squares of 60 units: 32 by 18 of them, a hand's width on a wall. */
const GRID_COLUMNS = 32;
const GRID_ROWS = 18;

export interface StageEvents {
  /** Device pixels of the page. */
  resized(width: number, height: number): void;
}

/** The page's place on the screen: 16:9, as large as its host lets it be, in the middle, sharp on any screen. */
export class Stage {
  readonly element: HTMLElement;
  readonly #host: HTMLElement;
  readonly #events: StageEvents;
  readonly #observer: ResizeObserver;
  #size = '';
  #kind: PageKind | null = null;

  constructor(host: HTMLElement, canvases: readonly HTMLCanvasElement[], events: StageEvents) {
    this.#host = host;
    this.#events = events;
    this.element = document.createElement('div');
    Object.assign(this.element.style, { position: 'absolute', overflow: 'hidden', backgroundColor: PAPER });
    this.element.style.isolation = 'isolate'; // layers blend with this paper and nothing behind it
    for (const canvas of canvases) {
      Object.assign(canvas.style, { position: 'absolute', inset: '0', width: '100%', height: '100%' });
    }
    this.element.append(...canvases);
    host.append(this.element);
    this.#observer = new ResizeObserver(() => this.fit());
    this.#observer.observe(host);
  }

  /** Takes the size that the host has now. */
  fit(): void {
    const { clientWidth, clientHeight } = this.#host;
    const ratio = window.devicePixelRatio || 1;
    const width = Math.floor(Math.min(clientWidth, (clientHeight * PAGE_WIDTH) / PAGE_HEIGHT));
    const height = Math.floor((width * PAGE_HEIGHT) / PAGE_WIDTH);
    const size = `${clientWidth} ${clientHeight} ${ratio}`;
    if (size === this.#size || width <= 0 || height <= 0) return;
    this.#size = size;
    const { style } = this.element;
    style.left = `${Math.floor((clientWidth - width) / 2)}px`;
    style.top = `${Math.floor((clientHeight - height) / 2)}px`;
    style.width = `${width}px`;
    style.height = `${height}px`;
    this.#events.resized(Math.round(width * ratio), Math.round(height * ratio));
  }

  paper(kind: PageKind): void {
    if (kind === this.#kind) return;
    this.#kind = kind;
    const { style } = this.element;
    const lines = (direction: string) => `linear-gradient(${direction}, ${GRID_LINE} 1px, transparent 1px)`;
    style.backgroundImage = kind === 'grid' ? `${lines('to right')}, ${lines('to bottom')}` : '';
    style.backgroundSize = `calc(100% / ${GRID_COLUMNS}) calc(100% / ${GRID_ROWS})`;
  }

  /** Board units for a place on the screen. */
  toBoard(clientX: number, clientY: number): [number, number] {
    const { left, top, width, height } = this.element.getBoundingClientRect();
    return [((clientX - left) / width) * PAGE_WIDTH, ((clientY - top) / height) * PAGE_HEIGHT];
  }

  close(): void {
    this.#observer.disconnect();
    this.element.remove();
  }
}
