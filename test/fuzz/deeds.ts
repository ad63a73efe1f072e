import type { Board } from '../../protocol/board.ts';
import type { Matrix, ShapeContent } from '../../protocol/board-events.ts';
import type { DurableName, Input } from '../../protocol/requests.ts';
import type { Random } from './virtual-time.ts';

/** What is done at random to what is on a board, besides writing. */

interface Hand {
  readonly random: Random;
  newId(): string;
  perform<N extends DurableName>(name: N, input: Input<N>): void;
}

/** Something that is done to marks, on any page: whoever made them, there still or not. */
export function touchMarks({ pages }: Board, hand: Hand): void {
  const { random } = hand;
  const on = random.pick(pages);
  if (!on) return;
  const page = on.id;
  const strokes = Object.keys(on.strokes);
  const marks = [...strokes, ...Object.keys(on.items ?? {})];
  const some = [random.pick(marks), random.pick(marks)].filter((id) => id !== undefined);
  const [one] = some;
  const stroke = random.pick(strokes);
  const item = random.pick(Object.keys(on.items ?? {}));
  const chance = random.next();
  if (one === undefined || chance < 0.15)
    hand.perform('item.add', { page, item: hand.newId(), content: line(random) });
  else if (chance < 0.35) hand.perform('ink.erase', { page, strokes: [one] });
  else if (chance < 0.6) hand.perform('marks.move', { page, marks: some, matrix: matrixOf(random) });
  else if (chance < 0.7) {
    const copies = [{ of: one, id: hand.newId() }];
    hand.perform('marks.copy', { page, copies, matrix: matrixOf(random) });
  } else if (chance < 0.8)
    hand.perform('marks.order', { page, marks: some, to: random.chance(0.5) ? 'front' : 'back' });
  else if (item && chance < 0.86) hand.perform('item.change', { page, item, content: line(random) });
  else if (stroke) {
    const from = Math.floor(random.between(0, 40));
    const ranges: [number, number][] = [[from, from + Math.ceil(random.between(1, 30))]];
    hand.perform('ink.cut', { page, cut: hand.newId(), strokes: [{ stroke, ranges }] });
  }
}

/** Something that is done to pages. */
export function arrangePages({ pages, current }: Board, hand: Hand): void {
  const { random } = hand;
  const one = random.pick(pages);
  const page = one?.id ?? current;
  const chance = random.next();
  if (chance < 0.3) hand.perform('page.turn', { page });
  else if (chance < 0.55) hand.perform('page.add', { page: { id: hand.newId(), kind: 'grid' }, after: page });
  else if (chance < 0.65) hand.perform('page.copy', { page, copy: hand.newId() });
  else if (chance < 0.8) hand.perform('page.move', { page, after: random.pick(pages)?.id ?? null });
  else if (chance < 0.92) hand.perform('page.remove', { page });
  else {
    const by = random.pick(Object.values(one?.strokes ?? {}))?.by;
    if (by) hand.perform('ink.clear', { page, by });
  }
}

function line(random: Random): ShapeContent {
  const place = (): [number, number] => [
    Math.round(random.between(0, 1_920)),
    Math.round(random.between(0, 1_080)),
  ];
  return { kind: 'shape', shape: 'line', points: [place(), place()], colour: '#1f2933', width: 6 };
}

/** Turned, grown and pushed; now and then flatter than a mark may become. */
function matrixOf(random: Random): Matrix {
  const factor = () => Math.round(random.between(-2, 2) * 100) / 100;
  const flat = random.chance(0.05);
  const offset = Math.round(random.between(-50, 50));
  return [factor(), flat ? 0 : factor(), factor(), flat ? 0 : factor(), offset, offset];
}
