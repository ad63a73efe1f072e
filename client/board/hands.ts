/** CSS pixels; screens say nothing of millimetres, so that fingers are the measure. */
const USUAL_FINGER = 25;
/** A first touch that is larger than this is no finger on any screen. */
const LARGEST_FINGER = 100;
/** Nothing so small is a palm, however thin the fingers were. */
const SMALLEST_PALM = 40;
/** In fingers' widths. */
const PALM = 3;
/** From the tip of a pen to where the hand that holds it may lie. */
const REACH = 12;
/** From the thumb to the farthest finger. */
const SPAN = 18;

interface Spot {
  readonly clientX: number;
  readonly clientY: number;
}

/** What can be told of hands from what they touch: which touch is a palm, which two are of one hand. */
export class Hands {
  /** The smallest touch so far; null before there was one whose size is told. */
  #finger: number | null = null;
  readonly #pens = new Map<number, Spot>();
  #seen = false;

  /** There is a pen here: fingers that touch are not there to write. */
  get penSeen(): boolean {
    return this.#seen;
  }

  /** Call with every event. True when it is the first sign of a pen: hovering, or down. */
  note(event: PointerEvent): boolean {
    if (event.pointerType === 'touch' && size(event) > 1 && size(event) <= LARGEST_FINGER)
      this.#finger = Math.min(size(event), this.#finger ?? LARGEST_FINGER);
    if (event.pointerType !== 'pen') return false;
    const first = !this.#seen;
    this.#seen = true;
    if (event.type === 'pointerdown' || this.#pens.has(event.pointerId))
      this.#pens.set(event.pointerId, event);
    if (event.type === 'pointerup' || event.type === 'pointercancel') this.#pens.delete(event.pointerId);
    return first;
  }

  /** Too large for a finger, or beneath a pen that is down. */
  isPalm(touch: PointerEvent): boolean {
    const finger = this.#finger ?? USUAL_FINGER;
    const large = this.#finger === null ? LARGEST_FINGER : Math.max(SMALLEST_PALM, PALM * finger);
    return size(touch) > large || this.isBeneathPen(touch);
  }

  isBeneathPen(spot: Spot): boolean {
    return [...this.#pens.values()].some((pen) => distance(pen, spot) < REACH * this.#width);
  }

  /** Whether two fingers may be of one hand. */
  isOneHand(a: Spot, b: Spot): boolean {
    return distance(a, b) <= SPAN * this.#width;
  }

  get #width(): number {
    return Math.min(this.#finger ?? USUAL_FINGER, LARGEST_FINGER);
  }
}

function size({ width, height }: PointerEvent): number {
  return Math.max(width, height);
}

function distance(a: Spot, b: Spot): number {
  return Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
}
