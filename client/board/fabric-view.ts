import { FabricObject, StaticCanvas } from 'fabric';
import { PAGE_HEIGHT, PAGE_WIDTH, type View } from '../../protocol/board-events.ts';
import type { Sprite } from './sprites.ts';
import { type Box, overlap } from './stroke-path.ts';
import { sameView, visible, WHOLE } from './viewport.ts';

/** The only file that knows Fabric: finished marks as its objects, on a canvas that is drawn on, not redrawn. */

/** Beyond so many places to mend, drawing all of it anew is quicker. */
const REPAIR_LIMIT = 24;
/** More than are drawn anew within a frame: while the view moves, a picture of them is stretched. */
const MANY = 200;
/** So long after the view has come to rest all is sharp, ms; while it goes on moving, three times a second. */
const REST_MS = 100;
const BLURRED_MOST_MS = 330;

/** From board units to device pixels: `pixel = (unit - origin) * scale`. */
interface Place {
  readonly scale: number;
  readonly left: number;
  readonly top: number;
}

/** A finished mark. Its shape is computed once, whatever the size it is drawn at. */
class MarkObject extends FabricObject {
  readonly sprite: Sprite;

  constructor(sprite: Sprite) {
    const { box } = sprite;
    super({
      left: (box.left + box.right) / 2,
      top: (box.top + box.bottom) / 2,
      width: box.right - box.left,
      height: box.bottom - box.top,
      originX: 'center',
      originY: 'center',
      strokeWidth: 0,
      // The canvas beneath is the cache; one more per mark would be gigabytes.
      objectCaching: false,
      selectable: false,
      evented: false,
    });
    this.sprite = sprite;
  }

  override _render(context: CanvasRenderingContext2D): void {
    context.translate(-this.left, -this.top); // the shape is in the page's own units
    this.sprite.paint(context);
  }
}

/** Finished marks of one kind, in their order. */
export class MarkLayer {
  readonly #canvas: StaticCanvas;
  #objects: MarkObject[] = [];
  #size = { width: 0, height: 0 };
  #view: View = WHOLE;
  #place: Place = { scale: 1, left: 0, top: 0 };
  /** The marks as they were drawn last, while the view moves; null where the canvas is as it should be. */
  #picture: { readonly of: HTMLCanvasElement; readonly place: Place; readonly at: number } | null = null;
  #rest: ReturnType<typeof setTimeout> | undefined;

  constructor(element: HTMLCanvasElement) {
    this.#canvas = new StaticCanvas(element, {
      enableRetinaScaling: false, // pixels are counted here, since a window can move between screens
      renderOnAddRemove: false,
      skipOffscreen: false,
    });
  }

  /** Device pixels. Draws everything anew. */
  resize(width: number, height: number): void {
    this.#size = { width, height };
    this.#canvas.setDimensions({ width, height }, { backstoreOnly: true });
    this.#turnTo(this.#view);
    this.#drawAll();
  }

  /** What of the page is seen. Draws everything anew, at once or, of many marks, when the view rests. */
  look(view: View): void {
    const drawn = this.#place;
    const isSame = sameView(view, this.#view);
    this.#turnTo(view);
    const isQuick = this.#objects.length < MANY || this.#size.width === 0;
    if (isSame || isQuick || !this.#stretch(drawn)) this.#drawAll();
  }

  #turnTo(view: View): void {
    this.#view = view;
    const { left, top } = visible(view);
    const scale = (this.#size.width / PAGE_WIDTH) * view.scale;
    const upright = (this.#size.height / PAGE_HEIGHT) * view.scale;
    this.#place = { scale, left, top };
    this.#canvas.setViewportTransform([scale, 0, 0, upright, -left * scale, -top * upright]);
  }

  /** Draws the picture of the marks where they are seen now. `drawn`: how they are on the canvas, if they are. */
  #stretch(drawn: Place): boolean {
    const now = performance.now();
    if (this.#picture && now - this.#picture.at > BLURRED_MOST_MS) return false;
    this.#picture ??= { of: copyOf(this.#canvas.lowerCanvasEl), place: drawn, at: now };
    const { of, place } = this.#picture;
    const { scale, left, top } = this.#place;
    const context = this.#canvas.contextContainer;
    context.clearRect(0, 0, of.width, of.height);
    const grown = scale / place.scale;
    const [x, y] = [(place.left - left) * scale, (place.top - top) * scale];
    context.drawImage(of, x, y, of.width * grown, of.height * grown);
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => this.#drawAll(), REST_MS);
    return true;
  }

  /** Shows these strokes and no others. Draws only what differs from before. */
  show(sprites: readonly Sprite[]): void {
    const before = this.#objects;
    let same = 0;
    while (same < before.length && same < sprites.length && before[same]?.sprite === sprites[same]) same++;
    if (same === before.length) {
      if (same < sprites.length) this.#append(sprites.slice(same).map((sprite) => new MarkObject(sprite)));
      return;
    }
    const known = new Map(before.slice(same).map((object) => [object.sprite, object]));
    const rest: MarkObject[] = [];
    const changed: Box[] = [];
    for (const sprite of sprites.slice(same)) {
      const object = known.get(sprite) ?? new MarkObject(sprite);
      if (!known.delete(sprite)) changed.push(sprite.box);
      rest.push(object);
    }
    for (const gone of known.values()) changed.push(gone.sprite.box);
    this.#replace(before.slice(0, same).concat(rest));
    if (changed.length > REPAIR_LIMIT || this.#picture) this.#drawAll();
    else for (const box of changed) this.#repair(box);
  }

  close(): void {
    clearTimeout(this.#rest);
    void this.#canvas.dispose();
  }

  /** New ones lie on top: they are drawn over what is there. */
  #append(objects: readonly MarkObject[]): void {
    this.#canvas.add(...objects);
    this.#objects.push(...objects);
    if (this.#picture) this.#drawAll();
    else this.#draw(objects);
  }

  #replace(objects: MarkObject[]): void {
    // One by one, Fabric would search its whole list for each.
    this.#canvas._objects = [];
    for (const object of this.#objects) object.canvas = undefined;
    this.#canvas.add(...objects);
    this.#objects = objects;
  }

  /** All that is in sight. */
  #drawAll(): void {
    clearTimeout(this.#rest);
    this.#picture = null;
    const { width, height } = this.#size;
    this.#canvas.contextContainer.clearRect(0, 0, width, height);
    const seen = visible(this.#view);
    this.#draw(this.#objects.filter((object) => overlap(object.sprite.box, seen)));
  }

  #repair(box: Box): void {
    const context = this.#canvas.contextContainer;
    const { scale, left: x, top: y } = this.#place;
    const [left, top] = [Math.floor((box.left - x) * scale), Math.floor((box.top - y) * scale)];
    const [right, bottom] = [Math.ceil((box.right - x) * scale), Math.ceil((box.bottom - y) * scale)];
    context.save();
    context.beginPath();
    context.rect(left, top, right - left, bottom - top);
    context.clip();
    context.clearRect(left, top, right - left, bottom - top);
    const covered = {
      ...{ left: left / scale + x, top: top / scale + y },
      ...{ right: right / scale + x, bottom: bottom / scale + y },
    };
    this.#draw(this.#objects.filter((object) => overlap(object.sprite.box, covered)));
    context.restore();
  }

  #draw(objects: readonly MarkObject[]): void {
    const context = this.#canvas.contextContainer;
    context.save();
    context.transform(...this.#canvas.viewportTransform);
    for (const object of objects) object.render(context);
    context.restore();
  }
}

function copyOf(canvas: HTMLCanvasElement): HTMLCanvasElement {
  const copy = document.createElement('canvas');
  copy.width = canvas.width;
  copy.height = canvas.height;
  copy.getContext('2d')?.drawImage(canvas, 0, 0);
  return copy;
}
