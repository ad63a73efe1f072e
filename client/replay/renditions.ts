import type { Rendition, RenditionState, Replay } from '../../protocol/replay.ts';

/** `voice`: voices and ink. `picture`: those and the picture. `ink`: in silence, on a clock of its own. */
export type Watching = 'voice' | 'picture' | 'ink';

/** One way to watch, as it is offered. */
export interface Choice {
  readonly watching: Watching;
  /** `none`: everything is made, and there is nothing of the kind in this lesson. */
  readonly state: RenditionState | 'none';
  /** What all of it still takes over the link; 0 for ink, which is here already, and while unknown. */
  readonly bytes: number;
}

/** The choices in the order they are offered: what most links carry first. */
export function choicesOf(replay: Replay): Choice[] {
  const choice = (watching: Exclude<Watching, 'ink'>): Choice => {
    const rendition = playedAs(replay, watching);
    if (rendition) return { watching, state: 'ready', bytes: rendition.bytes };
    const state = replay.state[watching];
    return { watching, state: state === 'ready' ? 'none' : state, bytes: 0 };
  };
  return [choice('voice'), choice('picture'), { watching: 'ink', state: 'ready', bytes: 0 }];
}

/** What is played for it: the lightest of its kind; undefined for ink, and for what is not there yet. */
export function playedAs(replay: Replay, watching: Watching): Rendition | undefined {
  return replay.renditions
    .filter((rendition) => rendition.kind === watching)
    .reduce<Rendition | undefined>(
      (best, next) => (best && best.bytes <= next.bytes ? best : next),
      undefined,
    );
}

/** Something is still being made that the manifest will show later. */
export function isUnfinished(replay: Replay): boolean {
  return [replay.state.voice, replay.state.picture].some(
    (state) => state === 'waiting' || state === 'working',
  );
}

/** How to begin: as last time where that can be played, else with voice, else in ink alone. */
export function firstChoice(replay: Replay, wanted: Watching | null): Watching {
  for (const watching of [wanted, 'voice'] as const) {
    if (watching === 'ink' || (watching && playedAs(replay, watching))) return watching;
  }
  return 'ink';
}

export interface SoFar {
  /** As last time. */
  readonly wanted: Watching | null;
  readonly watching: Watching;
  readonly begun: boolean;
  /** There has been a voice to play before. */
  readonly hadVoice: boolean;
}

/**
 * How to go on when something has become ready. While nothing has been played yet, what is wanted is taken without asking. So is the
 * first voice where one has begun in ink because there was none: of a lesson that goes on, whose first seconds are only heard a
 * little later, or at the bell. Whoever chose silence is left in it.
 */
export function laterChoice(replay: Replay, { wanted, watching, begun, hadVoice }: SoFar): Watching {
  if (watching === 'picture') return watching; // it was asked for
  if (begun && (hadVoice || !playedAs(replay, 'voice'))) return watching;
  // A picture that comes while one watches is offered.
  return firstChoice(replay, begun && wanted === 'picture' ? 'voice' : wanted);
}
