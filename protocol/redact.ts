import { type Action, type Board, EMPTY_BOARD, markOf, pageOf, reduceBoard, shownPages } from './board.ts';
import { type BoardEvent, isBoardEvent } from './board-events.ts';
import { own } from './common.ts';
import type { LessonEvent, LogEntry } from './events.ts';
import type { Hidden, ReplayEdit } from './replay-edit.ts';

/** What is left of a hidden passage: who was there, whose streams were open, how the pages lay. Nothing of what was said. */
const KEPT = /^(lesson|participant|stream|media|link|recording|stage|writers|page)\.|^hand\.lowered$/;
/** What only takes away, moves or brings back what was there before: it holds nothing that was written. */
const ARRANGES = /^ink\.(erased|cut|cleared|veiled|undone|redone)$|^marks\.(moved|ordered)$/;
/** Of before a lesson's beginning as it was trimmed, the board is kept: it is what the lesson begins with. */
export const SAID = /^(chat\.|laser\.|hand\.raised$)/;

/** What begins so soon after the lesson has begun begins with it: a recording's first moment may be its first packet's. Milliseconds. */
const BEGINNING_MS = 1_000;

const NOBODY = { 'zh-CN': '—' } as const;

/**
 * The log as those get it who watch: without a byte of what `edit` hides. Entries keep their `seq` and `t`, so that
 * there are gaps in the count; every other entry still means what it meant, undoing included. Pure; folding twice what it was
 * given, thrice where pages were brought meanwhile, it takes as long as so many replays of the log.
 */
export function redact(entries: readonly LogEntry[], saved: ReplayEdit): LogEntry[] {
  if (saved.from === null && saved.to === null && saved.hidden.length === 0) return [...entries];
  const edit = { ...saved, hidden: fromTheFirst(entries, saved.hidden) };
  const boards = new Boards();
  const nameless = nobodies(entries, saved);
  const unseen = pagesUnseen(entries, edit);
  return entries.flatMap((entry) => {
    const kept = isKept(entry, edit);
    const { event } = entry;
    if (isBoardEvent(event)) {
      const told = withoutFiles(isWritingHidden(entry, edit) ? withoutMarks(event) : event, unseen);
      return boards.take(event, entry, kept ? told : null) ? { ...entry, event: told } : [];
    }
    if (!kept) return [];
    if (event.type !== 'participant.joined' || !nameless.has(event.participant.id)) return entry;
    const { id, part } = event.participant;
    return { ...entry, event: { ...event, participant: { id, part, name: NOBODY } } };
  });
}

/** What begins with the lesson hides what was said and written while one waited for that, too. */
function fromTheFirst(entries: readonly LogEntry[], hidden: readonly Hidden[]): Hidden[] {
  const begin = entries.find(({ event }) => event.type === 'lesson.started')?.t ?? Number.NEGATIVE_INFINITY;
  return hidden.map((one) => (one.from <= begin + BEGINNING_MS ? { ...one, from: 0 } : one));
}

function isKept({ t, actor, event }: LogEntry, { from, to, hidden }: ReplayEdit): boolean {
  if (from !== null && t < from && SAID.test(event.type)) return false;
  if (to !== null && t > to && !/^(lesson|recording)\./.test(event.type)) return false;
  return !hidden.some((passage) => covers(passage, t) && hides(passage, event, actor));
}

function isWritingHidden({ t, actor }: LogEntry, { hidden }: ReplayEdit): boolean {
  return hidden.some(
    (passage) =>
      passage.writing &&
      covers(passage, t) &&
      (passage.participant === undefined || passage.participant === actor),
  );
}

/** A board that was brought lies where it lay, and nothing of what was written on it is told. */
function withoutMarks(event: BoardEvent): BoardEvent {
  if (event.type !== 'page.laid') return event;
  return { ...event, pages: event.pages.map(({ marks, ...page }) => page) };
}

/** Of pages that are `unseen` nothing is told but where they lay. */
function withoutFiles(event: BoardEvent, unseen: ReadonlySet<string>): BoardEvent {
  if (event.type !== 'page.laid' || !event.pages.some(({ id, file }) => file && unseen.has(id))) return event;
  const pages = event.pages.map(({ file, ...page }) =>
    file && !unseen.has(page.id) ? { ...page, file } : { ...page, kind: 'blank' as const },
  );
  return { ...event, pages };
}

/**
 * Pages that were brought, and were gone again, while everybody's writing is hidden, or what was cut off: what is drawn on them
 * is nobody's to see.
 */
function pagesUnseen(entries: readonly LogEntry[], edit: ReplayEdit): ReadonlySet<string> {
  const never = Number.POSITIVE_INFINITY;
  const end = entries.findLast(({ event }) => event.type === 'lesson.ended')?.t ?? never;
  const last = Math.min(end, edit.to ?? end);
  const dark = [
    ...edit.hidden
      .filter(({ writing, participant }) => writing && participant === undefined)
      // Of one that lasts to the end the board is not seen as it was left, either.
      .map(({ from, to }) => ({ from, to: to >= last ? never : to })),
    { from: -never, to: edit.from ?? -never },
    { from: last + 1, to: never },
  ].sort((a, b) => a.from - b.from);
  /** Whether nothing from `from` to `to`, which is not included, is shown. */
  const isDark = (from: number, to: number) =>
    dark.reduce((until, one) => (one.from <= until ? Math.max(until, one.to) : until), from) >= to;
  const unseen = new Set(
    entries.flatMap(({ t, event }) =>
      event.type === 'page.laid' && isDark(t, t + 1)
        ? event.pages.flatMap(({ id, file }) => (file ? id : []))
        : [],
    ),
  );
  const madeOf = new Map<string, string>();
  let board = EMPTY_BOARD;
  for (const [i, { t, actor = '', event }] of entries.entries()) {
    if (unseen.size === 0) break;
    if (event.type === 'page.copied') madeOf.set(event.copy, event.page);
    if (isBoardEvent(event)) board = reduceBoard(board, event, actor, t);
    if (isDark(t, Math.max(t + 1, entries[i + 1]?.t ?? t))) continue;
    for (const { id } of shownPages(board))
      for (let page: string | undefined = id; page !== undefined; page = madeOf.get(page))
        unseen.delete(page);
  }
  return unseen;
}

function covers({ from, to }: Hidden, t: number): boolean {
  return t >= from && t < to;
}

function hides({ participant, writing }: Hidden, event: LessonEvent, actor: string | undefined): boolean {
  if (participant !== undefined && participant !== actor) return false;
  if (KEPT.test(event.type) || ARRANGES.test(event.type)) return false;
  return writing || !isBoardEvent(event);
}

/** Whoever is hidden in all of the lesson is not named either. */
function nobodies(entries: readonly LogEntry[], { from, to, hidden }: ReplayEdit): ReadonlySet<string> {
  const begin = entries.find(({ event }) => event.type === 'lesson.started')?.t ?? 0;
  const end = entries.findLast(({ event }) => event.type === 'lesson.ended')?.t ?? Number.POSITIVE_INFINITY;
  const [first, last] = [Math.max(begin, from ?? 0), Math.min(end, to ?? end)];
  // Of a merged lesson each part may hide them in its own half.
  const hiddenUntil = new Map<string, number>();
  for (const { participant, ...passage } of hidden.toSorted((a, b) => a.from - b.from)) {
    const until = hiddenUntil.get(participant ?? '') ?? first;
    if (participant !== undefined && passage.from <= until)
      hiddenUntil.set(participant, Math.max(until, passage.to));
  }
  return new Set([...hiddenUntil].flatMap(([participant, until]) => (until >= last ? participant : [])));
}

function contentOf(board: Board, { page, item }: { page: string; item: string }): string | undefined {
  const found = pageOf(board, page);
  const mark = found && markOf(found, item);
  return mark && JSON.stringify('content' in mark ? mark.content : null);
}

/** The board as it was and as it is shown, side by side: an undo of what is hidden must not undo something else. */
class Boards {
  #whole: Board = EMPTY_BOARD;
  #shown: Board = EMPTY_BOARD;
  /** Actions, of the whole board's history, that the shown one does not have. */
  readonly #absent = new WeakSet<Action>();
  /** Strokes of which a batch was left out: what follows it could not be read. */
  readonly #broken = new Set<string>();

  /** Whether the entry belongs to what is shown. `told`: what is told of it; null for nothing. */
  take(event: BoardEvent, { actor = '', t }: LogEntry, told: BoardEvent | null): boolean {
    const before = this.#whole;
    this.#whole = reduceBoard(before, event, actor, t);
    const taken = told !== null && this.#takes(event, actor, before);
    const shown = taken ? reduceBoard(this.#shown, told, actor, t) : this.#shown;
    // What did nothing at all (a batch that came twice) breaks nothing either.
    if (event.type === 'ink.drawn' && shown === this.#shown && this.#whole !== before)
      this.#broken.add(event.stroke);
    if (this.#historyOf(shown, actor) === this.#historyOf(this.#shown, actor)) this.#leaveOut(before, actor);
    const changed = shown !== this.#shown;
    this.#shown = shown;
    return taken && (changed || !/^(ink|item)\./.test(event.type));
  }

  #takes(event: BoardEvent, actor: string, before: Board): boolean {
    if (event.type === 'ink.drawn') return !this.#broken.has(event.stroke);
    // It says the whole of an item again: of one that was changed while hidden, that, too.
    if (event.type === 'item.changed') return contentOf(before, event) === contentOf(this.#shown, event);
    if (event.type !== 'ink.undone' && event.type !== 'ink.redone') return true;
    const from = event.type === 'ink.undone' ? 'done' : 'undone';
    const left = this.#historyOf(this.#whole, actor)?.[from] ?? [];
    const action = this.#historyOf(before, actor)?.[from].find((one) => !left.includes(one));
    return action !== undefined && !this.#absent.has(action);
  }

  #leaveOut(before: Board, actor: string): void {
    const known = this.#historyOf(before, actor)?.done ?? [];
    for (const action of this.#historyOf(this.#whole, actor)?.done ?? []) {
      if (!known.includes(action) && !this.#historyOf(before, actor)?.undone.includes(action))
        this.#absent.add(action);
    }
  }

  #historyOf(board: Board, actor: string) {
    return own(board.history, actor);
  }
}
