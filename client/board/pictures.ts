import type { PictureRef } from '../../protocol/board-events.ts';

/** Uploaded pictures, each loaded once a page load, when something first shows it. */

const loaded = new Map<string, HTMLImageElement>();
const listeners = new Set<() => void>();

/** Where the server answers with it to whoever may see the lesson it belongs to. */
export function pictureUrl({ id }: Pick<PictureRef, 'id'>): string {
  return `/pictures/${id}`;
}

/** The picture, or null until it is here: `onPicture` tells. */
export function loadPicture(ref: PictureRef): HTMLImageElement | null {
  const known = loaded.get(ref.id);
  if (known) return known.complete && known.naturalWidth > 0 ? known : null;
  const image = new Image();
  image.decoding = 'async';
  image.addEventListener('load', tell);
  // A thin link loses some: whoever looks at the page next asks again.
  image.addEventListener('error', () => loaded.delete(ref.id));
  image.src = pictureUrl(ref);
  loaded.set(ref.id, image);
  return null;
}

function tell(): void {
  for (const listener of listeners) listener();
}

export function onPicture(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
