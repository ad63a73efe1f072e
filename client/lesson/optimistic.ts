import type { z } from 'zod';
import { type Board, type BoardPage, pageOf, reduceBoard } from '../../protocol/board.ts';
import { isBoardEvent } from '../../protocol/board-events.ts';
import { marksIn } from '../../protocol/board-history.ts';
import { own } from '../../protocol/common.ts';
import type { LessonEvent } from '../../protocol/events.ts';
import type { ChatLine, LessonState } from '../../protocol/lesson.ts';
import { type DurableName, requests } from '../../protocol/requests.ts';

/**
 * What a durable request will have done once the log has it, shown before it has. The server alone decides: where
 * it logs something else or refuses, its word replaces this guess.
 */

type MakeEvent = (input: unknown) => LessonEvent | null;

/** `null` where the input does not fit: it would be refused, so that it has no effect here either. */
function effect<S extends z.ZodType>(schema: S, make: (input: z.output<S>) => LessonEvent): MakeEvent {
  return (input) => {
    const parsed = schema.safeParse(input);
    return parsed.success ? make(parsed.data) : null;
  };
}

const EFFECTS: Readonly<Record<DurableName, MakeEvent>> = {
  'chat.say': effect(requests['chat.say'].input, (input) => ({ type: 'chat.said', ...input })),
  'page.add': effect(requests['page.add'].input, (input) => ({ type: 'page.added', ...input })),
  'page.turn': effect(requests['page.turn'].input, (input) => ({ type: 'page.turned', ...input })),
  'page.copy': effect(requests['page.copy'].input, (input) => ({ type: 'page.copied', ...input })),
  'page.move': effect(requests['page.move'].input, (input) => ({ type: 'page.moved', ...input })),
  'page.remove': effect(requests['page.remove'].input, (input) => ({ type: 'page.removed', ...input })),
  'ink.draw': effect(requests['ink.draw'].input, (input) => ({ type: 'ink.drawn', ...input })),
  'ink.erase': effect(requests['ink.erase'].input, (input) => ({ type: 'ink.erased', ...input })),
  'ink.cut': effect(requests['ink.cut'].input, (input) => ({ type: 'ink.cut', ...input })),
  'ink.clear': effect(requests['ink.clear'].input, (input) => ({ type: 'ink.cleared', ...input })),
  'ink.undo': effect(requests['ink.undo'].input, (input) => ({ type: 'ink.undone', ...input })),
  'ink.redo': effect(requests['ink.redo'].input, (input) => ({ type: 'ink.redone', ...input })),
  'item.add': effect(requests['item.add'].input, (input) => ({ type: 'item.added', ...input })),
  'item.change': effect(requests['item.change'].input, (input) => ({ type: 'item.changed', ...input })),
  'marks.move': effect(requests['marks.move'].input, (input) => ({ type: 'marks.moved', ...input })),
  'marks.copy': effect(requests['marks.copy'].input, (input) => ({ type: 'marks.copied', ...input })),
  'marks.order': effect(requests['marks.order'].input, (input) => ({ type: 'marks.ordered', ...input })),
};

export function eventOf(name: DurableName, input: unknown): LessonEvent | null {
  return EFFECTS[name](input);
}

/** An operation as it is laid over the confirmed state. */
export interface Effect {
  readonly event: LessonEvent;
  /** Lesson time at which it was performed here. */
  readonly t: number;
}

/** The only parts of the state that durable operations change. */
export interface Overlay {
  readonly board: Board;
  readonly chat: readonly ChatLine[];
}

/** Whether an entry of someone else changes what pending operations are laid over. */
export function disturbs(event: LessonEvent): boolean {
  return isBoardEvent(event) || event.type === 'chat.said';
}

/** One more operation over what is already laid. */
export function lay(overlay: Overlay, { event, t }: Effect, actor: string): Overlay {
  if (isBoardEvent(event)) return { ...overlay, board: reduceBoard(overlay.board, event, actor, t) };
  if (event.type !== 'chat.said') return overlay;
  const seq = (overlay.chat.at(-1)?.seq ?? 0) + 0.5; // between the log's own numbers: views use it as a key
  return { ...overlay, chat: [...overlay.chat, { seq, t, by: actor, text: event.text }] };
}

/**
 * So many are laid over a part of their own: the part grows with each, and is copied for each. After ten minutes without
 * a link there are thousands, and they are laid anew for whatever somebody else writes until all of them have arrived.
 */
const PORTION = 128;

/** All of `effects` over `state`. In proportion to what they touch, not to all there is on the board. */
export function layAll(state: LessonState, effects: readonly Effect[], actor: string): Overlay {
  let overlay: Overlay = { board: state.board, chat: state.chat };
  for (let at = 0; at < effects.length; at += PORTION)
    overlay = layPortion(overlay, effects.slice(at, at + PORTION), actor);
  return overlay;
}

function layPortion({ board, chat }: Overlay, effects: readonly Effect[], actor: string): Overlay {
  const part = touchedPart(board, effects, actor);
  const laid = effects.reduce<Overlay>((overlay, effect) => lay(overlay, effect, actor), {
    board: part,
    chat,
  });
  return { chat: laid.chat, board: laid.board === part ? board : putBack(board, part, laid.board) };
}

/** What concerns marks that cannot be told from the event alone. */
const CONCERNS_ALL: ReadonlySet<LessonEvent['type']> = new Set([
  'page.copied',
  'ink.cleared',
  'marks.ordered',
] satisfies LessonEvent['type'][]);

/**
 * The board with no marks but those that `effects` can reach. `reduceBoard` copies a page's strokes for every
 * batch: over this part that is cheap, whatever else has been written.
 */
function touchedPart(board: Board, effects: readonly Effect[], actor: string): Board {
  if (effects.some(({ event }) => CONCERNS_ALL.has(event.type))) return board;
  const ids = new Set<string>();
  for (const { event } of effects) {
    for (const id of marksOf(event)) ids.add(id);
    if (event.type === 'ink.undone' || event.type === 'ink.redone') addHistory(ids, board, actor);
  }
  const pages = board.pages.map((page): BoardPage => {
    const strokes = pick(page.strokes, ids);
    return page.items ? { ...page, strokes, items: pick(page.items, ids) } : { ...page, strokes };
  });
  return { ...board, pages };
}

/** The marks that an event names. */
function marksOf(event: LessonEvent): readonly string[] {
  switch (event.type) {
    case 'ink.drawn':
      return [event.stroke];
    case 'ink.erased':
      return event.strokes;
    case 'ink.cut':
      return event.strokes.map(({ stroke }) => stroke);
    case 'item.added':
    case 'item.changed':
      return [event.item];
    case 'marks.moved':
      return event.marks;
    case 'marks.copied':
      return event.copies.flatMap(({ of, id }) => [of, id]);
    default:
      return [];
  }
}

function pick<T>(all: Readonly<Record<string, T>>, ids: ReadonlySet<string>): Record<string, T> {
  const picked: Record<string, T> = {};
  for (const id of ids) {
    const found = own(all, id);
    if (found) picked[id] = found;
  }
  return picked;
}

function addHistory(ids: Set<string>, board: Board, actor: string): void {
  const history = own(board.history, actor);
  for (const action of [...(history?.done ?? []), ...(history?.undone ?? [])]) {
    for (const id of marksIn(action)) ids.add(id);
  }
}

/** What became of `part` among all marks of `board`: known ones keep their place, new ones lie on top. */
function putBack(board: Board, part: Board, laid: Board): Board {
  const pages = laid.pages.map((page): BoardPage => {
    const base = pageOf(board, page.id);
    if (!base) return page;
    if (pageOf(part, page.id) === page) return base;
    const strokes = { ...base.strokes, ...page.strokes };
    return page.items ? { ...page, strokes, items: { ...base.items, ...page.items } } : { ...page, strokes };
  });
  return { ...laid, pages };
}
