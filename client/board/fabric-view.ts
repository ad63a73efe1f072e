import { FabricObject, StaticCanvas } from 'fabric';
import { PAGE_HEIGHT, PAGE_WIDTH, type View } from '../../protocol/board-events.ts';
import type { Sprite } from './sprites.ts';
import { type Box, overlap } from './stroke-path.ts';
import { visible, WHOLE } from './viewport.ts';

/** The only file that knows Fabric: finished marks as its objects, on a canvas that is drawn on, not redrawn. */

/** Beyond so many places to mend, drawing all of it anew is quicker. */
const REPAIR_LIMIT = 24;

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
  /** From board units to device pixels: `pixel = (unit - origin) * scale`. */
  #place = { scale: 1, left: 0, top: 0 };

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
    this.look(this.#view);
  }

  /** What of the page is seen. Draws everything anew. */
  look(view: View): void {
    this.#view = view;
    const { left, top } = visible(view);
    const scale = (this.#size.width / PAGE_WIDTH) * view.scale;
    const upright = (this.#size.height / PAGE_HEIGHT) * view.scale;
    this.#place = { scale, left, top };
    this.#canvas.setViewportTransform([scale, 0, 0, upright, -left * scale, -top * upright]);
    this.#drawAll();
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
    if (changed.length > REPAIR_LIMIT) this.#drawAll();
    else for (const box of changed) this.#repair(box);
  }

  close(): void {
    void this.#canvas.dispose();
  }

  /** New ones lie on top: they are drawn over what is there. */
  #append(objects: readonly MarkObject[]): void {
    this.#canvas.add(...objects);
    this.#objects.push(...objects);
    this.#draw(objects);
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
