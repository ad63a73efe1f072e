import { EMPTY_BOARD } from './board.ts';
import { type BoardEvent, isBoardEvent } from './board-events.ts';
import type { LessonEvent, LogEntry } from './events.ts';
import { EMPTY_LESSON, type LessonState, reduce } from './lesson.ts';
import { SAID } from './redact.ts';

/** One lesson behind another. */
export interface Joint {
  /** Lesson time of the first at which it ends and the second begins. */
  readonly at: number;
  /** Lesson time of the second at which it begins. */
  readonly from: number;
  /** Before the names of the second's pages and marks: both boards have a `page1`. A few letters, none of the first's names begins so. */
  readonly prefix: string;
}

/**
 * The log of one lesson made of two: the board of the second lies behind that of the first, and whoever was there, spoke or had
 * a raised hand at the end of the first is gone until the second says otherwise. Pure; `seq` counts on.
 */
export function joinLogs(first: readonly LogEntry[], second: readonly LogEntry[], joint: Joint): LogEntry[] {
  const { at, from, prefix } = joint;
  const kept = first.filter(({ event }) => event.type !== 'lesson.ended');
  const shift = at - from;
  const lead = second.find(({ event }) => event.type === 'lesson.started')?.actor ?? '';
  const between = [...farewells(kept.reduce(reduce, EMPTY_LESSON)), ...newPages(prefix)];
  // What was said before the second began is no part of it: it would lie in the midst of the whole, whatever hides it there.
  const later = second.filter(
    ({ t, event }) => event.type !== 'lesson.started' && !(t < from && SAID.test(event.type)),
  );
  const joined = [
    ...kept,
    ...between.map((event) => ({ seq: 0, t: at, actor: lead, event })),
    // What was prepared before the second began is there when it does.
    ...later.map((entry) => ({
      ...entry,
      t: Math.max(at, entry.t + shift),
      event: renamed(entry.event, prefix),
    })),
  ];
  return joined.map((entry, i) => ({ ...entry, seq: i + 1 }));
}

function farewells({ people, stage, streams, writers }: LessonState): LessonEvent[] {
  const present = Object.values(people).filter(({ online }) => online);
  return [
    ...(Object.keys(streams).length > 0 ? [{ type: 'media.moved' } as const] : []),
    ...stage.map((participant) => ({ type: 'stage.dismissed', participant }) as const),
    ...(writers.length > 0 ? [{ type: 'writers.changed', may: false } as const] : []),
    ...present.map(({ id }) => ({ type: 'participant.left', participant: id }) as const),
  ];
}

/** What the second lesson's board begins with. */
function newPages(prefix: string): LessonEvent[] {
  return EMPTY_BOARD.pages.flatMap(({ id }) => [
    { type: 'page.added', page: { id: prefix + id, kind: 'blank' } } as const,
    { type: 'page.turned', page: prefix + id } as const,
  ]);
}

function renamed(event: LessonEvent, prefix: string): LessonEvent {
  if (event.type === 'laser.moved') return { ...event, page: prefix + event.page };
  return isBoardEvent(event) ? renamedOnBoard(event, (id) => prefix + id) : event;
}

/** Marks of laid and copied pages are named after those: they follow. */
function renamedOnBoard(event: BoardEvent, name: (id: string) => string): BoardEvent {
  const page = 'page' in event && typeof event.page === 'string' ? { page: name(event.page) } : {};
  const after = 'after' in event && typeof event.after === 'string' ? { after: name(event.after) } : {};
  switch (event.type) {
    case 'page.added':
      return { ...event, ...after, page: { ...event.page, id: name(event.page.id) } };
    case 'page.laid':
      return { ...event, ...after, pages: event.pages.map((one) => ({ ...one, id: name(one.id) })) };
    case 'page.copied':
      return { ...event, ...page, copy: name(event.copy) };
    case 'page.moved':
      return { ...event, ...page, ...after };
    case 'ink.drawn':
      return { ...event, ...page, stroke: name(event.stroke) };
    case 'ink.erased':
      return { ...event, ...page, strokes: event.strokes.map(name) };
    case 'ink.cut': {
      const strokes = event.strokes.map((one) => ({ ...one, stroke: name(one.stroke) }));
      return { ...event, ...page, cut: name(event.cut), strokes };
    }
    case 'item.added':
    case 'item.changed':
      return { ...event, ...page, item: name(event.item) };
    case 'marks.moved':
    case 'marks.ordered':
      return { ...event, ...page, marks: event.marks.map(name) };
    case 'marks.copied':
      return {
        ...event,
        ...page,
        copies: event.copies.map(({ of, id }) => ({ of: name(of), id: name(id) })),
      };
    default:
      return { ...event, ...page };
  }
}
