import type { BoardPage } from '../../protocol/board.ts';
import { PAGE_HEIGHT, PAGE_WIDTH, type View } from '../../protocol/board-events.ts';
import { FileLayer } from './page-file.ts';
import { Paper } from './paper-view.ts';
import { visible, WHOLE } from './viewport.ts';

const PAPER = '#ffffff';

export interface StageEvents {
  /** Device pixels of the page. */
  resized(width: number, height: number): void;
  /** The file beneath the ink has come, or has not. */
  fileChanged(): void;
}

/** The page's place on the screen: 16:9, as large as its host lets it be, in the middle, sharp on any screen. */
export class Stage {
  readonly element: HTMLElement;
  readonly #host: HTMLElement;
  readonly #events: StageEvents;
  readonly #observer: ResizeObserver;
  #size = '';
  readonly #paper = new Paper();
  readonly file: FileLayer;
  #view: View = WHOLE;

  constructor(
    host: HTMLElement,
    canvases: readonly HTMLCanvasElement[],
    lesson: string,
    events: StageEvents,
  ) {
    this.#host = host;
    this.#events = events;
    this.element = document.createElement('div');
    Object.assign(this.element.style, { position: 'absolute', overflow: 'hidden', backgroundColor: PAPER });
    this.element.style.isolation = 'isolate'; // layers blend with this paper and nothing behind it
    for (const canvas of canvases) {
      Object.assign(canvas.style, { position: 'absolute', inset: '0', width: '100%', height: '100%' });
    }
    this.file = new FileLayer(lesson, () => events.fileChanged());
    this.element.append(this.#paper.element, this.file.element, ...canvases);
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

  paper(page: Pick<BoardPage, 'kind' | 'file'>): void {
    this.#paper.show(page);
    this.file.show(page.file);
  }

  look(view: View): void {
    this.#view = view;
    this.#paper.look(view);
    this.file.look(view);
  }

  /** Board units for a place on the screen. */
  toBoard(clientX: number, clientY: number): [number, number] {
    const box = this.element.getBoundingClientRect();
    const seen = visible(this.#view);
    return [
      seen.left + ((clientX - box.left) / box.width) * (PAGE_WIDTH / this.#view.scale),
      seen.top + ((clientY - box.top) / box.height) * (PAGE_HEIGHT / this.#view.scale),
    ];
  }

  /** CSS pixels within the host for a place of the board. */
  toHost([x, y]: readonly [number, number]): [number, number] {
    const { offsetLeft, offsetTop } = this.element;
    const seen = visible(this.#view);
    const scale = this.pixels;
    return [offsetLeft + (x - seen.left) * scale, offsetTop + (y - seen.top) * scale];
  }

  /** CSS pixels a board unit. */
  get pixels(): number {
    return (this.element.offsetWidth / PAGE_WIDTH) * this.#view.scale;
  }

  close(): void {
    this.#observer.disconnect();
    this.file.close();
    this.element.remove();
  }
}
