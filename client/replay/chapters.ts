import { type Board, EMPTY_BOARD, reduceBoard, shownPages } from '../../protocol/board.ts';
import { isBoardEvent } from '../../protocol/board-events.ts';
import { type Localised, own } from '../../protocol/common.ts';
import type { LogEntry } from '../../protocol/events.ts';
import type { LessonState, Presence } from '../../protocol/lesson.ts';

/** A place in the lesson one may want to go to. `t` is lesson time, milliseconds. */
export type Chapter = PageChapter | PersonChapter | AskedChapter | TitledChapter;

export interface PageChapter {
  readonly kind: 'page';
  readonly t: number;
  readonly page: string;
  /** Where the page stood among the others then, from 1. */
  readonly number: number;
  /** As the teacher called it. */
  readonly title?: string;
}

/** Somebody was called on, raised a hand, or began to speak without either. */
export interface PersonChapter {
  readonly kind: 'call' | 'hand' | 'speak';
  readonly t: number;
  readonly participant: string;
  readonly name: Localised;
}

/** Somebody who watches asked about this place, afterwards. */
export interface AskedChapter {
  readonly kind: 'ask';
  readonly t: number;
  readonly id: string;
  readonly name: Localised;
}

/** A place that the teacher gave a name, and where nothing else begins. */
export interface TitledChapter {
  readonly kind: 'title';
  readonly t: number;
  readonly title: string;
}

/** A name given this near to where a page begins is the page's, milliseconds. */
const NAMED_MS = 1_000;

/** The chapters with the names that the teacher gave them. */
export function named(
  chapters: readonly Chapter[],
  names: readonly { readonly t: number; readonly title: string }[],
): Chapter[] {
  const result = [...chapters];
  for (const { t, title } of names) {
    const at = result.findIndex((chapter) => chapter.kind === 'page' && Math.abs(chapter.t - t) <= NAMED_MS);
    const page = result[at];
    if (page?.kind === 'page') result[at] = { ...page, title };
    else result.push({ kind: 'title', t, title });
  }
  return result.sort((a, b) => a.t - b.t);
}

/** Whoever speaks within this of being called on was called on to speak, milliseconds. */
const CALLED_MS = 15_000;

/** Pages leafed through faster than this are on the way to another one: no chapters. */
const LEAFING_MS = 1500;

/** The chapters of a lesson between `from` and `to`, soonest first; the first is the page it begins with. */
export function chaptersOf(entries: readonly LogEntry[], from: number, to: number): Chapter[] {
  const names = namesOf(entries);
  const turns: PageChapter[] = [pageChapter(EMPTY_BOARD, from)];
  const asked: PersonChapter[] = [];
  const leads = leadsOf(entries);
  let board = EMPTY_BOARD;
  for (const { event, actor, t } of entries) {
    if (t > to) break;
    if (event.type.startsWith('page.') && isBoardEvent(event)) {
      board = reduceBoard(board, event, actor ?? '', t);
      turns.push(pageChapter(board, Math.max(t, from)));
    } else if (event.type === 'stage.called' || event.type === 'hand.raised') {
      const name = names.get(event.participant);
      const kind = event.type === 'stage.called' ? 'call' : 'hand';
      if (name && t >= from) asked.push({ kind, t, participant: event.participant, name });
    } else if (event.type === 'stream.opened' && event.stream.source === 'mic') {
      const { participant } = event.stream;
      const name = names.get(participant);
      const called = asked.some(
        (one) => one.kind === 'call' && one.participant === participant && t - one.t < CALLED_MS,
      );
      if (name && t >= from && !called && !leads.has(participant))
        asked.push({ kind: 'speak', t, participant, name });
    }
  }
  return [...stayedOn(turns), ...asked].sort((a, b) => a.t - b.t);
}

/** The pages that were stayed on, each once for as long as it stayed. */
function stayedOn(turns: readonly PageChapter[]): PageChapter[] {
  const stays = turns.filter(
    (turn, i) => (turns[i + 1]?.t ?? Number.POSITIVE_INFINITY) - turn.t >= LEAFING_MS,
  );
  return stays.filter((stay, i) => stays[i - 1]?.page !== stay.page);
}

function pageChapter(board: Board, t: number): PageChapter {
  const number = shownPages(board).findIndex((page) => page.id === board.current) + 1;
  return { kind: 'page', t, page: board.current, number };
}

/** The teacher speaks all the time: no place one would look for. */
function leadsOf(entries: readonly LogEntry[]): ReadonlySet<string> {
  return new Set(
    entries.flatMap(({ event }) =>
      event.type === 'participant.joined' && event.participant.part === 'lead' ? [event.participant.id] : [],
    ),
  );
}

function namesOf(entries: readonly LogEntry[]): ReadonlyMap<string, Localised> {
  const names = new Map<string, Localised>();
  for (const { event } of entries) {
    if (event.type === 'participant.joined') names.set(event.participant.id, event.participant.name);
  }
  return names;
}

/** Index of the chapter that `t` lies in: the last page at or before it; -1 before the first. */
export function pageAt(chapters: readonly Chapter[], t: number): number {
  return chapters.findLastIndex((chapter) => chapter.kind === 'page' && chapter.t <= t);
}

/** Who can be heard: those with an open microphone, the lead first, then in the order they were called on. */
export function speakersOf(state: LessonState): Presence[] {
  const heard = new Set(
    Object.values(state.streams)
      .filter((stream) => stream.source === 'mic' && !stream.thin)
      .map((stream) => stream.participant),
  );
  const order = (person: Presence): number => (person.part === 'lead' ? -1 : state.stage.indexOf(person.id));
  return [...heard]
    .flatMap((id) => own(state.people, id) ?? [])
    .filter((person) => !person.muted)
    .sort((a, b) => order(a) - order(b));
}

/** Whose hand is up, the longest first. */
export function handsOf(state: LessonState): Presence[] {
  return Object.values(state.people)
    .filter((person) => person.hand !== null)
    .sort((a, b) => (a.hand ?? 0) - (b.hand ?? 0));
}
