import { Hands } from './hands.ts';
import { BATCH_MS } from './ink-sender.ts';

export interface Navigator {
  /** Whether one finger moves the page: it does not write, and there is more of the page than is seen. */
  pansWithOne(penSeen: boolean): boolean;
  /** Whether fingers write at all, so that two of them may be two writers. */
  fingersWrite(penSeen: boolean): boolean;
  /** `factor` times as large, with what is at that place of the screen staying there. */
  zoom(factor: number, clientX: number, clientY: number): void;
  /** CSS pixels. */
  pan(dx: number, dy: number): void;
  /** A pointer that had begun to write navigates instead: it must leave no trace. */
  release(pointer: number): void;
}

interface Touch {
  x: number;
  y: number;
  readonly since: number;
}

/** One notch of a wheel. */
const WHEEL_STEP = 1 / 400;

/** Fingers and wheels that move the page instead of writing on it. Attach before the pen: what it takes, the pen never sees. */
export function attachNavigation(element: HTMLElement, navigator: Navigator): () => void {
  const touches = new Map<number, Touch>();
  /** Resting on the screen, until they are lifted: they do nothing at all. */
  const palms = new Set<number>();
  const hands = new Hands();
  let moving = false;

  /** What a touch had begun before it was known to be a palm, or one of a hand that moves the page. */
  const withdraw = (pointer: number) => {
    touches.delete(pointer);
    if (touches.size === 0) moving = false;
    navigator.release(pointer);
  };

  const note = (event: PointerEvent) => {
    // The hand that holds the pen comes down before the pen does, and has written by then.
    if (hands.note(event)) for (const pointer of [...touches.keys()]) navigator.release(pointer);
    if (event.type !== 'pointerdown' || event.pointerType !== 'pen') return;
    for (const [pointer, { x, y }] of [...touches]) {
      if (!hands.isBeneathPen({ clientX: x, clientY: y })) continue;
      palms.add(pointer);
      withdraw(pointer);
    }
  };

  const down = (event: PointerEvent) => {
    note(event);
    if (event.pointerType !== 'touch') return;
    if (hands.isPalm(event)) {
      palms.add(event.pointerId);
      take(event);
      return;
    }
    const [first] = touches.values();
    const hand = first && hands.isOneHand(event, { clientX: first.x, clientY: first.y });
    touches.set(event.pointerId, { x: event.clientX, y: event.clientY, since: event.timeStamp });
    // Two fingers put down as one are a hand that moves the page; one after the other, or far apart, two that write.
    const together = first !== undefined && event.timeStamp - first.since < BATCH_MS && hand;
    const two = touches.size === 2 && (together || !navigator.fingersWrite(hands.penSeen));
    if (!moving && !two && !(touches.size === 1 && navigator.pansWithOne(hands.penSeen))) return;
    if (!moving && two) for (const pointer of touches.keys()) navigator.release(pointer);
    moving = true;
    take(event);
  };

  const move = (event: PointerEvent) => {
    note(event);
    if (palms.has(event.pointerId)) take(event);
    const touch = touches.get(event.pointerId);
    if (!touch) return;
    const before = handOf(touches);
    touch.x = event.clientX;
    touch.y = event.clientY;
    if (!moving) return;
    const after = handOf(touches);
    if (before.spread > 0 && after.spread > 0) navigator.zoom(after.spread / before.spread, after.x, after.y);
    navigator.pan(after.x - before.x, after.y - before.y);
    take(event);
  };

  const up = (event: PointerEvent) => {
    note(event);
    if (palms.delete(event.pointerId)) take(event);
    if (!touches.delete(event.pointerId)) return;
    if (moving) take(event);
    // The system says that it was a palm, or a gesture of its own.
    else if (event.type === 'pointercancel') navigator.release(event.pointerId);
    if (touches.size === 0) moving = false;
  };

  const wheel = (event: WheelEvent) => {
    event.preventDefault();
    if (event.ctrlKey || event.metaKey) {
      navigator.zoom(Math.exp(-event.deltaY * WHEEL_STEP), event.clientX, event.clientY);
    } else {
      const [dx, dy] = event.shiftKey ? [event.deltaY, event.deltaX] : [event.deltaX, event.deltaY];
      navigator.pan(-dx, -dy);
    }
  };

  element.addEventListener('pointerdown', down, { capture: true });
  element.addEventListener('pointermove', move, { capture: true });
  element.addEventListener('pointerup', up, { capture: true });
  element.addEventListener('pointercancel', up, { capture: true });
  element.addEventListener('wheel', wheel, { passive: false });
  return () => {
    element.removeEventListener('pointerdown', down, { capture: true });
    element.removeEventListener('pointermove', move, { capture: true });
    element.removeEventListener('pointerup', up, { capture: true });
    element.removeEventListener('pointercancel', up, { capture: true });
    element.removeEventListener('wheel', wheel);
  };
}

function take(event: Event): void {
  event.stopImmediatePropagation();
}

/** Where the fingers are together, and how far apart. */
function handOf(touches: ReadonlyMap<number, Touch>): { x: number; y: number; spread: number } {
  const [a, b] = touches.values();
  if (!a) return { x: 0, y: 0, spread: 0 };
  if (!b) return { x: a.x, y: a.y, spread: 0 };
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, spread: Math.hypot(a.x - b.x, a.y - b.y) };
}
