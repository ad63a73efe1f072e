import { useEffect, useMemo, useRef, useState } from 'react';
import type { Replay } from '../../protocol/replay.ts';
import type { CaptionTrack } from '../../protocol/replay-edit.ts';
import { call } from '../api.ts';
import { habits, keepHabits } from './memory.ts';
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

/** The cues of a track as this device keeps them; null: it does not. */
export type ReadCues = (track: string) => Promise<readonly Cue[] | null>;

const NO_TRACKS: readonly CaptionTrack[] = [];
const NO_CUES: readonly Cue[] = [];

/** The lesson's captions: those in the reader's language unless another is chosen, shown if they were the last time. */
export function useCaptions({ lesson, captions }: Replay, readKept: ReadCues | null): CaptionChoice {
  const tracks = captions ?? NO_TRACKS;
  const { language } = useWords();
  const [chosen, setChosen] = useState<string | null>(null);
  const [isOn, setOn] = useState(() => habits().captions ?? false);
  const track =
    tracks.find(({ id }) => id === chosen) ??
    tracks.find((one) => one.language === language) ??
    tracks[0] ??
    null;
  const cues = useCues(lesson, track?.id ?? null, readKept);
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

/** Without a link those that this device keeps, if it does; the lesson plays without any just as well. */
function useCues(lesson: string, track: string | null, readKept: ReadCues | null): readonly Cue[] {
  const kept = useRef(readKept);
  kept.current = readKept;
  const [cues, setCues] = useState<readonly Cue[]>(NO_CUES);
  useEffect(() => {
    setCues(NO_CUES);
    if (track === null) return;
    const abort = new AbortController();
    const load = () =>
      call('captions.show', { params: { lesson, track }, signal: abort.signal }).then(
        (answer) => setCues(answer.cues),
        async () => setCues((await kept.current?.(track)) ?? NO_CUES),
      );
    void load();
    window.addEventListener('online', load);
    return () => {
      abort.abort();
      window.removeEventListener('online', load);
    };
  }, [lesson, track]);
  return cues;
}
