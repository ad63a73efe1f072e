import type { StreamSource } from '../../protocol/events.ts';
import { isAtLeast, type Rung } from '../../protocol/link.ts';

/** A picture that a receiver has asked for. */
export interface Picture {
  readonly participant: string;
  readonly source: StreamSource;
}

/** Null: nothing of it is sent. */
export type Layers = { readonly spatial: number; readonly temporal: number } | null;

/** The least, the middle and the highest layer of a camera: see client/lesson/encodings.ts. */
const [SMALL, MIDDLE, LARGE] = [
  { spatial: 0, temporal: 2 },
  { spatial: 1, temporal: 2 },
  { spatial: 2, temporal: 2 },
] as const;

/** With more cameras than this, none is shown large. */
const FEW = 2;

/**
 * What a receiver on `rung` is sent of each picture. `main` is who they look at first: the teacher, or for the
 * teacher the one called on last.
 */
export function planPictures<P extends Picture>(
  rung: Rung,
  pictures: readonly P[],
  main: string | undefined,
): Map<P, Layers> {
  const screen = pictures.find(({ source }) => source === 'screen');
  const cameras = pictures.filter(({ source }) => source === 'camera').length;
  return new Map(pictures.map((picture) => [picture, layersOf(picture)]));

  function layersOf(picture: P): Layers {
    const isMain = picture.participant === main;
    if (!isAtLeast(rung, 'thumbnail')) return null;
    if (rung === 'thumbnail') return isMain && picture.source === 'camera' ? SMALL : null;
    if (rung === 'picture') {
      if (picture.source === 'screen') return SMALL;
      return isMain ? (screen ? SMALL : MIDDLE) : null;
    }
    if (picture.source === 'screen') return LARGE;
    return isMain && !screen ? LARGE : cameras > FEW ? SMALL : MIDDLE;
  }
}

export function lower(a: NonNullable<Layers>, b: Layers): Layers {
  if (!b) return a;
  return { spatial: Math.min(a.spatial, b.spatial), temporal: Math.min(a.temporal, b.temporal) };
}

export function sameLayers(a: Layers, b: Layers): boolean {
  if (!a || !b) return a === b;
  return a.spatial === b.spatial && a.temporal === b.temporal;
}
