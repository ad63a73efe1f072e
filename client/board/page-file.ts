import { PAGE_HEIGHT, PAGE_WIDTH, type PageFile, type View } from '../../protocol/board-events.ts';
import { visible, WHOLE } from './viewport.ts';

/** How far the file beneath the ink is: there is none, it comes, it is seen, or it did not come yet. */
export type FileState = 'none' | 'loading' | 'shown' | 'failed';

/** Where the files of an archived lesson lie: beside its page. */
export const BESIDE = './pages';

/** Where a page's file is read: authorised like the lesson, and the same for ever. */
export function fileUrl(lesson: string, { sha256, form }: Pick<PageFile, 'sha256' | 'form'>): string {
  // From a disk nobody says what kind a file is but its name.
  if (lesson === BESIDE) return `${BESIDE}/${sha256}.${form}`;
  return `/courseware/${encodeURIComponent(lesson)}/${sha256}`;
}

/** Board units: as large as the page lets it be, in the middle. */
export function placeOf({ width, height }: Pick<PageFile, 'width' | 'height'>) {
  const scale = Math.min(PAGE_WIDTH / width, PAGE_HEIGHT / height);
  const [w, h] = [width * scale, height * scale];
  return { left: (PAGE_WIDTH - w) / 2, top: (PAGE_HEIGHT - h) / 2, width: w, height: h };
}

/** A screen in a village tries again by itself, ever more patiently, ms; the last is repeated. */
const RETRY_MS = [1_000, 3_000, 10_000, 30_000];
/** Pages that were seen or are next are kept, so that turning to them takes no time. */
const KEPT = 8;

/**
 * The file of a page of courseware, drawn as a picture and nothing but: what is in it cannot run, whatever it is. An
 * element of its own beneath the ink, laid out at the size at which it is seen, so that drawings are sharp at every zoom.
 */
export class FileLayer {
  readonly element = document.createElement('div');
  readonly #lesson: string;
  readonly #onState: () => void;
  readonly #kept = new Map<string, HTMLImageElement>();
  #file: PageFile | null = null;
  #next: readonly PageFile[] = [];
  #view: View = WHOLE;
  #state: FileState = 'none';
  #tries = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(lesson: string, onState: () => void) {
    this.#lesson = lesson;
    this.#onState = onState;
    const { style } = this.element;
    Object.assign(style, { position: 'absolute', pointerEvents: 'none', backgroundColor: '#f3f6f8' });
    this.element.hidden = true;
    window.addEventListener('online', this.retry);
  }

  get state(): FileState {
    return this.#state;
  }

  show(file: PageFile | undefined): void {
    if (file?.sha256 === this.#file?.sha256) return;
    this.#file = file ?? null;
    this.#tries = 0;
    this.#next = [];
    clearTimeout(this.#timer);
    this.element.hidden = !file;
    this.element.replaceChildren();
    this.#place();
    if (file) this.#load(file);
    else this.#become('none');
  }

  look(view: View): void {
    this.#view = view;
    this.#place();
  }

  /** What is likely to be turned to next: fetched once the page that is seen is there, one after the other. */
  prepare(files: readonly PageFile[]): void {
    this.#next = files.slice(0, KEPT - 1);
    if (this.#state === 'shown' || this.#state === 'none') this.#prepareNext();
  }

  /** Once more, now: the network is back, or somebody pressed a button. */
  readonly retry = (): void => {
    if (!this.#file || this.#state === 'shown') return;
    clearTimeout(this.#timer);
    this.#kept.delete(this.#file.sha256);
    this.#load(this.#file);
  };

  close(): void {
    clearTimeout(this.#timer);
    window.removeEventListener('online', this.retry);
    this.#kept.clear();
  }

  #load(file: PageFile): void {
    const image = this.#picture(file);
    if (image.complete && image.naturalWidth > 0) {
      this.#put(image);
      return;
    }
    this.#become('loading');
    image.decode().then(
      () => this.#file === file && this.#put(image),
      () => this.#file === file && this.#failed(file),
    );
  }

  #put(image: HTMLImageElement): void {
    this.element.replaceChildren(image);
    this.#become('shown');
    this.#prepareNext();
  }

  /** A thin link carries a voice besides: never two at a time, and the browser may put them behind all else. */
  #prepareNext(): void {
    const [file, ...rest] = this.#next;
    this.#next = rest;
    if (!file) return;
    const image = this.#picture(file, 'low');
    image.decode().then(
      () => this.#prepareNext(),
      () => this.#kept.delete(file.sha256), // asked for again when it is turned to
    );
  }

  #failed(file: PageFile): void {
    this.#kept.delete(file.sha256);
    this.#become('failed');
    this.#timer = setTimeout(this.retry, RETRY_MS[Math.min(this.#tries++, RETRY_MS.length - 1)]);
  }

  #picture(file: PageFile, priority: 'high' | 'low' = 'high'): HTMLImageElement {
    const known = this.#kept.get(file.sha256);
    const image = known ?? new Image();
    if (!known) {
      image.alt = ''; // what is on it is not known; the board's own name says which page it is
      image.draggable = false;
      Object.assign(image.style, { display: 'block', width: '100%', height: '100%' });
      image.fetchPriority = priority;
      image.src = fileUrl(this.#lesson, file);
    }
    this.#kept.delete(file.sha256);
    this.#kept.set(file.sha256, image);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT && oldest !== undefined) this.#kept.delete(oldest);
    return image;
  }

  #place(): void {
    if (!this.#file) return;
    const seen = visible(this.#view);
    const { left, top, width, height } = placeOf(this.#file);
    const across = (units: number) => `${(units / (seen.right - seen.left)) * 100}%`;
    const down = (units: number) => `${(units / (seen.bottom - seen.top)) * 100}%`;
    Object.assign(this.element.style, {
      left: across(left - seen.left),
      top: down(top - seen.top),
      width: across(width),
      height: down(height),
    });
  }

  #become(state: FileState): void {
    this.element.style.backgroundColor = state === 'shown' ? 'transparent' : '#f3f6f8';
    if (state === this.#state) return;
    this.#state = state;
    this.#onState();
  }
}
