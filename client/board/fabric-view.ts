import { FabricObject, StaticCanvas } from 'fabric';
import { PAGE_HEIGHT, PAGE_WIDTH } from '../../protocol/events.ts';
import { HIGHLIGHT_OPACITY, isHighlighter } from './live-layer.ts';
import { type Box, boxOf, type DecodedStroke, overlap, traceStroke } from './stroke-path.ts';

/** The only file that knows Fabric: finished strokes as its objects, on a canvas that is drawn on, not redrawn. */

/** Beyond so many places to mend, drawing all of it anew is quicker. */
const REPAIR_LIMIT = 24;

/** A finished stroke. Its shape is computed once, whatever the size it is drawn at. */
class InkObject extends FabricObject {
  readonly ink: DecodedStroke;
  readonly box: Box;
  readonly #path = new Path2D();

  constructor(ink: DecodedStroke) {
    const box = boxOf(ink);
    super({
      left: (box.left + box.right) / 2,
      top: (box.top + box.bottom) / 2,
      width: box.right - box.left,
      height: box.bottom - box.top,
      originX: 'center',
      originY: 'center',
      strokeWidth: 0,
      // The canvas beneath is the cache; one more per stroke would be gigabytes.
      objectCaching: false,
      selectable: false,
      evented: false,
    });
    this.ink = ink;
    this.box = box;
    traceStroke(this.#path, ink.brush, ink.points);
  }

  override _render(context: CanvasRenderingContext2D): void {
    const { brush } = this.ink;
    context.translate(-this.left, -this.top); // the shape is in the page's own units
    if (isHighlighter(brush)) {
      context.globalAlpha = HIGHLIGHT_OPACITY;
      context.strokeStyle = brush.colour;
      context.lineWidth = brush.width;
      context.lineCap = 'round';
      context.lineJoin = 'round';
      context.stroke(this.#path);
    } else {
      context.fillStyle = brush.colour;
      context.fill(this.#path);
    }
  }
}

/** Finished strokes of one kind, in their order. */
export class InkLayer {
  readonly #canvas: StaticCanvas;
  #objects: InkObject[] = [];
  #scale = 1;

  constructor(element: HTMLCanvasElement) {
    this.#canvas = new StaticCanvas(element, {
      enableRetinaScaling: false, // pixels are counted here, since a window can move between screens
      renderOnAddRemove: false,
      skipOffscreen: false,
    });
  }

  /** Device pixels. Draws everything anew. */
  resize(width: number, height: number): void {
    this.#scale = width / PAGE_WIDTH;
    this.#canvas.setDimensions({ width, height }, { backstoreOnly: true });
    this.#canvas.setViewportTransform([this.#scale, 0, 0, height / PAGE_HEIGHT, 0, 0]);
    this.#canvas.renderAll();
  }

  /** Shows these strokes and no others. Draws only what differs from before. */
  show(inks: readonly DecodedStroke[]): void {
    const before = this.#objects;
    let same = 0;
    while (same < before.length && same < inks.length && before[same]?.ink === inks[same]) same++;
    if (same === before.length) {
      if (same < inks.length) this.#append(inks.slice(same).map((ink) => new InkObject(ink)));
      return;
    }
    const known = new Map(before.slice(same).map((object) => [object.ink, object]));
    const rest: InkObject[] = [];
    const changed: Box[] = [];
    for (const ink of inks.slice(same)) {
      const object = known.get(ink) ?? new InkObject(ink);
      if (!known.delete(ink)) changed.push(object.box);
      rest.push(object);
    }
    for (const gone of known.values()) changed.push(gone.box);
    this.#replace(before.slice(0, same).concat(rest));
    if (changed.length > REPAIR_LIMIT) this.#canvas.renderAll();
    else for (const box of changed) this.#repair(box);
  }

  close(): void {
    void this.#canvas.dispose();
  }

  /** New ones lie on top: they are drawn over what is there. */
  #append(objects: readonly InkObject[]): void {
    this.#canvas.add(...objects);
    this.#objects.push(...objects);
    this.#draw(objects);
  }

  #replace(objects: InkObject[]): void {
    // One by one, Fabric would search its whole list for each.
    this.#canvas._objects = [];
    for (const object of this.#objects) object.canvas = undefined;
    this.#canvas.add(...objects);
    this.#objects = objects;
  }

  #repair(box: Box): void {
    const context = this.#canvas.contextContainer;
    const scale = this.#scale;
    const [left, top] = [Math.floor(box.left * scale), Math.floor(box.top * scale)];
    const [right, bottom] = [Math.ceil(box.right * scale), Math.ceil(box.bottom * scale)];
    context.save();
    context.beginPath();
    context.rect(left, top, right - left, bottom - top);
    context.clip();
    context.clearRect(left, top, right - left, bottom - top);
    const covered = { left: left / scale, top: top / scale, right: right / scale, bottom: bottom / scale };
    this.#draw(this.#objects.filter((object) => overlap(object.box, covered)));
    context.restore();
  }

  #draw(objects: readonly InkObject[]): void {
    const context = this.#canvas.contextContainer;
    context.save();
    context.transform(...this.#canvas.viewportTransform);
    for (const object of objects) object.render(context);
    context.restore();
  }
}
