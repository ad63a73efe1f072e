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
  let moving = false;
  let penSeen = false;

  const down = (event: PointerEvent) => {
    penSeen ||= event.pointerType === 'pen';
    if (event.pointerType !== 'touch') return;
    const [first] = touches.values();
    touches.set(event.pointerId, { x: event.clientX, y: event.clientY, since: event.timeStamp });
    // Two fingers put down as one are a hand that moves the page; one after the other, two that write.
    const together = first !== undefined && event.timeStamp - first.since < BATCH_MS;
    const two = touches.size === 2 && (together || !navigator.fingersWrite(penSeen));
    if (!moving && !two && !(touches.size === 1 && navigator.pansWithOne(penSeen))) return;
    if (!moving && two) for (const pointer of touches.keys()) navigator.release(pointer);
    moving = true;
    take(event);
  };

  const move = (event: PointerEvent) => {
    const touch = touches.get(event.pointerId);
    if (!touch) return;
    if (moving) {
      const before = handOf(touches);
      touch.x = event.clientX;
      touch.y = event.clientY;
      const after = handOf(touches);
      if (before.spread > 0 && after.spread > 0)
        navigator.zoom(after.spread / before.spread, after.x, after.y);
      navigator.pan(after.x - before.x, after.y - before.y);
      take(event);
    } else {
      touch.x = event.clientX;
      touch.y = event.clientY;
    }
  };

  const up = (event: PointerEvent) => {
    if (!touches.delete(event.pointerId) || !moving) return;
    take(event);
    if (touches.size > 0) return;
    moving = false;
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
