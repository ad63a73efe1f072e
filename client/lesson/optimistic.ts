import type { z } from 'zod';
import { type Board, type BoardPage, pageOf, reduceBoard } from '../../protocol/board.ts';
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
  'ink.draw': effect(requests['ink.draw'].input, (input) => ({ type: 'ink.drawn', ...input })),
  'ink.erase': effect(requests['ink.erase'].input, (input) => ({ type: 'ink.erased', ...input })),
  'ink.undo': effect(requests['ink.undo'].input, (input) => ({ type: 'ink.undone', ...input })),
  'ink.redo': effect(requests['ink.redo'].input, (input) => ({ type: 'ink.redone', ...input })),
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

type BoardEvent = Parameters<typeof reduceBoard>[1];

function isBoardEvent(event: LessonEvent): event is BoardEvent {
  return event.type.startsWith('page.') || event.type.startsWith('ink.');
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

/** All of `effects` over `state`. In proportion to what they touch, not to all there is on the board. */
export function layAll(state: LessonState, effects: readonly Effect[], actor: string): Overlay {
  const part = touchedPart(state.board, effects, actor);
  const laid = effects.reduce<Overlay>((overlay, effect) => lay(overlay, effect, actor), {
    board: part,
    chat: state.chat,
  });
  return {
    chat: laid.chat,
    board: laid.board === part ? state.board : putBack(state.board, part, laid.board),
  };
}

/**
 * The board with no strokes but those that `effects` can reach. `reduceBoard` copies a page's strokes for every
 * batch: over this part that is cheap, whatever else has been written.
 */
function touchedPart(board: Board, effects: readonly Effect[], actor: string): Board {
  const ids = new Set<string>();
  for (const { event } of effects) {
    if (event.type === 'ink.drawn') ids.add(event.stroke);
    else if (event.type === 'ink.erased') for (const id of event.strokes) ids.add(id);
    else if (event.type === 'ink.undone' || event.type === 'ink.redone') addHistory(ids, board, actor);
  }
  const pages = board.pages.map((page): BoardPage => {
    const strokes: Record<string, BoardPage['strokes'][string]> = {};
    for (const id of ids) {
      const stroke = own(page.strokes, id);
      if (stroke) strokes[id] = stroke;
    }
    return { ...page, strokes };
  });
  return { ...board, pages };
}

function addHistory(ids: Set<string>, board: Board, actor: string): void {
  const history = own(board.history, actor);
  for (const action of [...(history?.done ?? []), ...(history?.undone ?? [])]) {
    for (const id of action.strokes) ids.add(id);
  }
}

/** What became of `part` among all strokes of `board`: known ones keep their place, new ones lie on top. */
function putBack(board: Board, part: Board, laid: Board): Board {
  const pages = laid.pages.map((page) => {
    const base = pageOf(board, page.id);
    if (!base) return page;
    const untouched = pageOf(part, page.id)?.strokes === page.strokes;
    return untouched ? base : { ...base, strokes: { ...base.strokes, ...page.strokes } };
  });
  return { ...laid, pages };
}
