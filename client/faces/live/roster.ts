import type { Participant, Stream, StreamSource } from '../../../protocol/events.ts';
import type { LessonState, Presence } from '../../../protocol/lesson.ts';
import type { LessonView } from '../../lesson/types.ts';
import type { LinkState } from '../../ui/Link.tsx';

/** Reads of a lesson's state that several faces need. */

export function leadOf(state: LessonState): Presence | undefined {
  return Object.values(state.people).find((person) => person.part === 'lead');
}

export function streamOf(
  state: LessonState,
  participant: string | undefined,
  source: StreamSource,
): Stream | undefined {
  return Object.values(state.streams).find(
    (stream) => stream.participant === participant && stream.source === source && !stream.thin,
  );
}

/** The screen that somebody shares with everyone, if any. */
export function sharedScreen(state: LessonState): Stream | undefined {
  return Object.values(state.streams).find((stream) => stream.source === 'screen');
}

/** Present people with a hand up, first raised first. */
export function handsUp(state: LessonState): readonly Presence[] {
  return Object.values(state.people)
    .filter((person) => person.online && person.hand !== null)
    .sort((a, b) => (a.hand ?? 0) - (b.hand ?? 0));
}

/** A person's place in the queue of raised hands, from 1; 0 with the hand down. */
export function handPosition(state: LessonState, participant: string): number {
  return handsUp(state).findIndex((person) => person.id === participant) + 1;
}

/** Those called on, in the order they were. */
export function onStage(state: LessonState): readonly Presence[] {
  return state.stage.flatMap((id) => state.people[id] ?? []);
}

/** Everyone but the lead, as a register lists them: present before absent, otherwise in the order they came. */
export function others(state: LessonState, parts: readonly Participant['part'][]): readonly Presence[] {
  return Object.values(state.people)
    .filter((person) => parts.includes(person.part))
    .sort((a, b) => Number(b.online) - Number(a.online));
}

/** Quieter than this (dBov) is breath and chairs. */
const SPEECH_DBOV = -50;

/** Who is heard loudest just now. */
export function speaker(view: LessonView): string | undefined {
  const [loudest] = Object.entries(view.levels).sort(([, a], [, b]) => b - a);
  return loudest && loudest[1] > SPEECH_DBOV ? loudest[0] : undefined;
}

export function isSpeaking(view: LessonView, participant: string): boolean {
  return (view.levels[participant] ?? Number.NEGATIVE_INFINITY) > SPEECH_DBOV;
}

export function linkOf(view: LessonView, person: Presence): LinkState {
  if (!person.online) return 'lost';
  return view.links[person.id] ?? 'unknown';
}

/** One's own link; `lost` as soon as this page knows it. */
export function ownLink(view: LessonView): LinkState {
  if (view.connection !== 'joined') return 'lost';
  return (view.you && view.links[view.you.participant]) ?? 'unknown';
}
