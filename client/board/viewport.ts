import { PAGE_HEIGHT, PAGE_WIDTH, type View } from '../../protocol/board-events.ts';
import type { Box } from './stroke-path.ts';

/** All of the page. */
export const WHOLE: View = { x: PAGE_WIDTH / 2, y: PAGE_HEIGHT / 2, scale: 1 };
export const LARGEST = 8;

/** What of the page is seen, board units. */
export function visible({ x, y, scale }: View): Box {
  const [width, height] = [PAGE_WIDTH / scale / 2, PAGE_HEIGHT / scale / 2];
  return { left: x - width, top: y - height, right: x + width, bottom: y + height };
}

/** The nearest view that shows nothing beside the page. */
export function within({ x, y, scale }: View): View {
  const size = Math.min(LARGEST, Math.max(1, scale));
  const [width, height] = [PAGE_WIDTH / size / 2, PAGE_HEIGHT / size / 2];
  return {
    x: Math.min(PAGE_WIDTH - width, Math.max(width, x)),
    y: Math.min(PAGE_HEIGHT - height, Math.max(height, y)),
    scale: size,
  };
}

/** Larger by `factor`, with the place (board units) staying where it is on the screen. */
export function zoomed(view: View, factor: number, [px, py]: readonly [number, number]): View {
  const scale = Math.min(LARGEST, Math.max(1, view.scale * factor));
  const share = view.scale / scale;
  return within({ x: px + (view.x - px) * share, y: py + (view.y - py) * share, scale });
}

export function isWhole({ scale }: View): boolean {
  return scale <= 1;
}

export function sameView(a: View, b: View): boolean {
  return a.x === b.x && a.y === b.y && a.scale === b.scale;
}
