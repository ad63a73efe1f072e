import { PAGE_HEIGHT, PAGE_WIDTH, type Place } from '../../protocol/board-events.ts';
import type { InkPoint } from '../../protocol/ink.ts';

export type InstrumentKind = 'ruler' | 'square' | 'protractor' | 'compass';

/** A drawing instrument as it lies on the page, board units. Its own x axis runs along its measuring edge. */
export interface Instrument {
  readonly kind: InstrumentKind;
  /** The middle of the ruler's edge, the square's right angle, the centre of protractor and compass. */
  readonly at: Place;
  /** Radians, clockwise. */
  readonly angle: number;
  /** Length of the edge, or radius. */
  readonly size: number;
}

/** How near to an edge a pen must go down to be led by it, board units. */
export const GUIDE_REACH = 32;

export const FIRST_SIZES: Readonly<Record<InstrumentKind, number>> = {
  ruler: 1_000,
  square: 560,
  protractor: 330,
  compass: 240,
};

/** A pen's way along an instrument: where each of its places comes to lie. */
export type Guide = (place: Place) => Place;

/** The guide of the edge at which a pen goes down; null where it goes down somewhere else. */
export function guideAt(instrument: Instrument, place: Place): Guide | null {
  const guides = edgesOf(instrument);
  const near = guides
    .map((guide) => ({ guide, distance: distance(guide(place), place) }))
    .sort((a, b) => a.distance - b.distance)[0];
  return near && near.distance <= GUIDE_REACH ? near.guide : null;
}

/** Along an instrument's edge, on the brush's grid. */
export function ledBy(guide: Guide, grid: number): (point: InkPoint) => InkPoint {
  return ([x, y, t, pressure]) => {
    const [nearX, nearY] = guide([x, y]);
    return [Math.round(nearX * grid) / grid, Math.round(nearY * grid) / grid, t, pressure];
  };
}

function edgesOf({ kind, at, angle, size }: Instrument): Guide[] {
  const along = (from: Place, turn: number, low: number, high: number) =>
    lineGuide(from, angle + turn, low, high);
  switch (kind) {
    case 'ruler':
      return [along(at, 0, -size / 2, size / 2)];
    case 'square': {
      const corner = placeOn(at, angle, size, 0);
      // Both sides of the right angle, and the long side between their ends (45 degrees).
      return [
        along(at, 0, 0, size),
        along(at, -Math.PI / 2, 0, size),
        along(corner, (-3 * Math.PI) / 4, 0, size * Math.SQRT2),
      ];
    }
    case 'protractor':
      return [along(at, 0, -size, size), arcGuide(at, size)];
    case 'compass':
      return [arcGuide(at, size)];
  }
}

/** The middle of what it is held by stays on the page. */
export function withinReach(instrument: Instrument): Instrument {
  const { at, angle } = instrument;
  const [x, y] = placeOn(at, angle, ...middleOf(instrument));
  const beyond = (value: number, most: number) => value - Math.max(0, Math.min(most, value));
  return { ...instrument, at: [at[0] - beyond(x, PAGE_WIDTH), at[1] - beyond(y, PAGE_HEIGHT)] };
}

/** In its own axes. */
function middleOf({ kind, size }: Instrument): Place {
  switch (kind) {
    case 'ruler':
      return [0, 55];
    case 'square':
      return [size * 0.2, -size * 0.2];
    case 'protractor':
      return [0, -size * 0.4];
    case 'compass':
      return [0, 0];
  }
}

/** A place in the instrument's own axes. */
export function placeOn([x, y]: Place, angle: number, along: number, across: number): Place {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return [x + along * cos - across * sin, y + along * sin + across * cos];
}

function lineGuide(from: Place, angle: number, low: number, high: number): Guide {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return ([x, y]) => {
    const along = Math.min(high, Math.max(low, (x - from[0]) * cos + (y - from[1]) * sin));
    return [from[0] + along * cos, from[1] + along * sin];
  };
}

function arcGuide([x, y]: Place, radius: number): Guide {
  return (place) => {
    const far = Math.hypot(place[0] - x, place[1] - y) || 1;
    return [x + ((place[0] - x) / far) * radius, y + ((place[1] - y) / far) * radius];
  };
}

function distance(a: Place, b: Place): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}
