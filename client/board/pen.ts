import type { InkPoint } from '../../protocol/ink.ts';

/** What a pointer does: a pen's tail (or its eraser button) erases whatever tool is chosen. */
export type PenEnd = 'tip' | 'tail';

export interface PenListener {
  /** Board units for a place on the screen. */
  toBoard(clientX: number, clientY: number): readonly [x: number, y: number];
  /** Steps a board unit on which points lie: 1, or more where the page is seen larger. */
  readonly grid: number;
  /** Whether this pointer may write at all. */
  accepts(end: PenEnd): boolean;
  /** `pointer` is the same from begin to end; several may be down at once. */
  begin(pointer: number, end: PenEnd, point: InkPoint): void;
  /** `strict`: Shift is held. `ahead`: where the browser believes that the pen will be in the next moments. */
  points(pointer: number, points: readonly InkPoint[], strict: boolean, ahead: readonly InkPoint[]): void;
  end(pointer: number): void;
}

const ERASER_BUTTON = 32;
const NO_PRESSURE = 128;
/** A hand feels no more and no width shows more. On multiples of a power of two, which ink's coding is quick to see. */
const PRESSURE_STEPS = 31;
const PRESSURE_STEP = 8;

interface Contact {
  readonly start: number;
  /** That of its stroke, which stays what it was when the page is seen larger meanwhile. */
  readonly grid: number;
  last: InkPoint;
}

/**
 * Pointer events to ink points in board units, on the listener's grid: every sample that the device took, with the device's
 * own times, in milliseconds since its pointer went down. Returns what detaches it.
 */
export function attachPen(element: HTMLElement, listener: PenListener): () => void {
  const contacts = new Map<number, Contact>();
  let penSeen = false;

  const pointOf = (event: PointerEvent, contact: Contact | undefined): InkPoint => {
    const [x, y] = listener.toBoard(event.clientX, event.clientY);
    const since = contact ? event.timeStamp - contact.start : 0;
    const { grid } = contact ?? listener;
    // Coalesced samples may be stamped a moment out of order; ink's time never runs back.
    return [
      Math.round(x * grid) / grid,
      Math.round(y * grid) / grid,
      Math.max(contact?.last[2] ?? 0, Math.round(since)),
      pressureOf(event),
    ];
  };

  const down = (event: PointerEvent) => {
    penSeen ||= event.pointerType === 'pen';
    // Once there is a pen, a touch is the palm that holds it.
    if (event.pointerType === 'touch' && penSeen) return;
    if (event.pointerType === 'mouse' && event.button !== 0) return;
    if (contacts.has(event.pointerId)) return;
    const end: PenEnd = (event.buttons & ERASER_BUTTON) !== 0 ? 'tail' : 'tip';
    if (!listener.accepts(end)) return;
    event.preventDefault();
    // Only a pointer that the system knows can be captured; one that a program plays stays where it is.
    if (event.isTrusted) element.setPointerCapture(event.pointerId);
    const point = pointOf(event, undefined);
    contacts.set(event.pointerId, { start: event.timeStamp, grid: listener.grid, last: point });
    listener.begin(event.pointerId, end, point);
  };

  const move = (event: PointerEvent) => {
    penSeen ||= event.pointerType === 'pen';
    const contact = contacts.get(event.pointerId);
    if (!contact) return;
    const points: InkPoint[] = [];
    for (const sample of samplesOf(event)) {
      const point = pointOf(sample, contact);
      // A pen held still reports its place over and over: a point says something only where it moved or pressed.
      if (point[0] === contact.last[0] && point[1] === contact.last[1] && point[3] <= contact.last[3])
        continue;
      contact.last = point;
      points.push(point);
    }
    if (points.length === 0) return;
    const ahead = predictedOf(event).map((sample) => pointOf(sample, contact));
    listener.points(event.pointerId, points, event.shiftKey, ahead);
  };

  const up = (event: PointerEvent) => {
    if (contacts.delete(event.pointerId)) listener.end(event.pointerId);
  };

  const refuse = (event: Event) => event.preventDefault();

  element.addEventListener('pointerdown', down);
  element.addEventListener('pointermove', move);
  element.addEventListener('pointerup', up);
  // The system took the pointer away: what was written until then is kept.
  element.addEventListener('pointercancel', up);
  element.addEventListener('lostpointercapture', up);
  // A long press must not open a menu, nor a pen's stroke become handwriting input of the system.
  element.addEventListener('contextmenu', refuse);
  element.addEventListener('touchmove', refuse, { passive: false });

  return () => {
    for (const pointer of contacts.keys()) listener.end(pointer);
    contacts.clear();
    element.removeEventListener('pointerdown', down);
    element.removeEventListener('pointermove', move);
    element.removeEventListener('pointerup', up);
    element.removeEventListener('pointercancel', up);
    element.removeEventListener('lostpointercapture', up);
    element.removeEventListener('contextmenu', refuse);
    element.removeEventListener('touchmove', refuse);
  };
}

/** Browsers tell all samples only to secure origins, and none for an event that a program made. */
function samplesOf(event: PointerEvent): readonly PointerEvent[] {
  const samples = 'getCoalescedEvents' in event ? event.getCoalescedEvents() : [];
  return samples.length > 0 ? samples : [event];
}

/** Further ahead than a frame and a half it is wrong more often than right: ms. */
const AHEAD_MS = 25;

function predictedOf(event: PointerEvent): readonly PointerEvent[] {
  const samples = 'getPredictedEvents' in event ? event.getPredictedEvents() : [];
  return samples.filter(({ timeStamp }) => timeStamp - event.timeStamp <= AHEAD_MS);
}

/** Only a pen's pressure means something: mice report one half, fingers what the panel makes up. */
function pressureOf(event: PointerEvent): number {
  return event.pointerType === 'pen'
    ? Math.max(1, Math.round(event.pressure * PRESSURE_STEPS)) * PRESSURE_STEP
    : NO_PRESSURE;
}
