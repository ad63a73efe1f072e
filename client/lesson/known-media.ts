import type { Opaque } from '../../protocol/media.ts';

/** What the server's router and this browser speak: always the same, as long as neither is another. */
export interface KnownMedia {
  readonly router: Opaque;
  readonly own: Opaque;
}

const PLACE = 'tongke.media';
/** Kept by the build, and by the browser's: others may speak otherwise. */
const KEPT_BY = () => `${import.meta.url} ${navigator.userAgent}`;

/** From the last lesson on this device: what need not be asked for is a round trip less. Null where nothing is known. */
export function knownMedia(): KnownMedia | null {
  try {
    const { by, router, own } = JSON.parse(localStorage.getItem(PLACE) ?? '{}');
    return by === KEPT_BY() && router && own ? { router, own } : null;
  } catch {
    return null; // no storage, or written by half
  }
}

export function keepMedia({ router, own }: KnownMedia): void {
  try {
    localStorage.setItem(PLACE, JSON.stringify({ by: KEPT_BY(), router, own }));
  } catch {
    // Then it is asked for each time.
  }
}

export function forgetMedia(): void {
  try {
    localStorage.removeItem(PLACE);
  } catch {
    // Nothing was kept either.
  }
}
