import { useMemo, useState } from 'react';
import type { Replay } from '../../protocol/replay.ts';
import type { CaptionTrack } from '../../protocol/replay-edit.ts';
import { call } from '../api.ts';
import { useAnswer } from './answer.ts';
import { habits, keepHabits } from './memory.ts';
import type { PageWords } from './page-words.ts';
import { useWords } from './texts.ts';

/** A text spoken at a time of the lesson, milliseconds. */
export interface Cue {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** What is said at `t`: more than one where people speak at once. */
export function cuesAt(cues: readonly Cue[], t: number): readonly Cue[] {
  return cues.filter(({ from, to }) => from <= t && t < to);
}

export interface CaptionChoice {
  readonly tracks: readonly CaptionTrack[];
  /** The one that is shown; null: none. */
  readonly shown: CaptionTrack | null;
  /** Of the one that is shown, or would be: they can be searched in any case. */
  readonly cues: readonly Cue[];
  choose(track: string | null): void;
  toggle(): void;
}

/** The texts of a lesson as this device keeps them, or as they lie beside the page; null: not at all. */
export interface KeptTexts {
  cues(track: string): Promise<readonly Cue[] | null>;
  words(): Promise<PageWords | null>;
}

const NO_TRACKS: readonly CaptionTrack[] = [];
const NO_CUES: readonly Cue[] = [];

/**
 * The lesson's captions: those in the reader's language unless another is chosen, shown if they were the last time. `asks`: the
 * server, too.
 */
export function useCaptions(
  { lesson, captions }: Replay,
  kept: KeptTexts | null,
  asks: boolean,
): CaptionChoice {
  const tracks = captions ?? NO_TRACKS;
  const { language } = useWords();
  const [chosen, setChosen] = useState<string | null>(null);
  const [isOn, setOn] = useState(() => habits().captions ?? false);
  const track =
    tracks.find(({ id }) => id === chosen) ??
    tracks.find((one) => one.language === language) ??
    tracks[0] ??
    null;
  const id = track?.id ?? null;
  const cues = useAnswer(id && `${lesson} ${id}`, NO_CUES, {
    ask: asks
      ? async (signal) => {
          const params = { lesson, track: id ?? '' };
          return (await call('captions.show', { params, signal })).cues;
        }
      : null,
    kept: async () => (id === null ? null : ((await kept?.cues(id)) ?? null)),
  });
  return useMemo(() => {
    const show = (on: boolean) => {
      setOn(on);
      keepHabits({ captions: on });
    };
    return {
      ...{ tracks, cues, shown: isOn ? track : null },
      choose(id) {
        if (id !== null) setChosen(id);
        show(id !== null);
      },
      toggle: () => show(!isOn),
    };
  }, [tracks, cues, isOn, track]);
}
