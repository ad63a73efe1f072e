import {
  type RefObject,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import type { LogEntry } from '../../protocol/events.ts';
import type { Replay } from '../../protocol/replay.ts';
import type { ReplayPart } from '../../protocol/replay-edit.ts';
import { isAsked } from '../data-use/metering.ts';
import { attachHls, type ReadKept } from './hls.ts';
import { type Loaded, ReplayLoader, type ReplaySource } from './loader.ts';
import { habits } from './memory.ts';
import { pausesOf } from './pauses.ts';
import { Player } from './player.ts';
import type { PlayerView } from './player-types.ts';
import { firstChoice, laterChoice, playedAs, type Watching } from './renditions.ts';
import { Timeline } from './timeline.ts';

/** A slice of folding ahead, milliseconds: half a frame. */
const SLICE_MS = 8;
/** Nearer to the end than this the lesson counts as watched, and begins anew; milliseconds. */
const WATCHED_MS = 5000;

export function useLoader(lesson: string, source: ReplaySource) {
  const loader = useMemo(() => new ReplayLoader(lesson, source), [lesson, source]);
  const view = useSyncExternalStore(loader.subscribe, loader.view);
  useEffect(() => {
    const again = () => void loader.load();
    again();
    window.addEventListener('online', again);
    return () => {
      window.removeEventListener('online', again);
      loader.stop();
    };
  }, [loader]);
  const retry = useCallback(() => void loader.load(), [loader]);
  return { view, retry };
}

/** The log as a timeline that folds itself ahead while the page has nothing better to do. */
export function useTimeline(entries: readonly LogEntry[]): Timeline {
  const known = useRef<Timeline | null>(null);
  const timeline = useMemo(() => {
    if (known.current?.grow(entries)) return known.current;
    known.current = new Timeline(entries);
    return known.current;
  }, [entries]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a log that has grown has more to fold
  useEffect(() => {
    let timer = 0;
    const slice = () => {
      const until = performance.now() + SLICE_MS;
      if (!timeline.prepare(() => performance.now() >= until)) timer = window.setTimeout(slice, SLICE_MS);
    };
    timer = window.setTimeout(slice, SLICE_MS);
    return () => window.clearTimeout(timer);
  }, [timeline, entries]);
  return timeline;
}

export interface PlayerSetting {
  /** What of it is watched; null: all. */
  readonly part: ReplayPart | null;
  /** Where one left, lesson time; null: at the beginning. */
  readonly resume: number | null;
  /** What this device keeps of the lesson. */
  readonly readKept: ReadKept | null;
  /** All of its picture is on this device. */
  readonly isKept: boolean;
}

/** A player on the element, from when it is there; goes on where one left. */
export function usePlayer(
  media: RefObject<HTMLVideoElement | null>,
  loaded: Loaded,
  setting: PlayerSetting,
): Player | null {
  const [player, setPlayer] = useState<Player | null>(null);
  const { replay, entries } = loaded;
  const pauses = useMemo(() => pausesOf(replay, entries), [replay, entries]);
  const { part } = setting;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new manifest is for `update`, not for a new player
  useEffect(() => {
    if (!media.current) return;
    const kept = habits();
    const made = new Player({
      media: media.current,
      replay,
      pauses,
      part,
      watching: firstChoice(replay, wantedFirst(replay, setting.isKept)),
      startAt: resumeAt(setting.resume, part ?? replay) ?? (part ?? replay).from,
      rate: kept.rate ?? 1,
      height: kept.height ?? null,
      attach: attachHls(media.current, setting.readKept),
      now: () => performance.now(),
    });
    setPlayer(made);
    const stopFrames = onFrame(made, () => made.tick());
    return () => {
      stopFrames();
      made.close();
      setPlayer(null);
    };
  }, [replay.lesson, part?.from, part?.to]);
  useEffect(() => player?.update(replay, pauses), [player, replay, pauses]);
  return player;
}

/** As last time; but a picture that costs is asked for first. */
function wantedFirst(replay: Replay, isKept: boolean): Watching | null {
  const { watching = null } = habits();
  const costs = !isKept && isAsked(playedAs(replay, 'picture')?.bytes ?? 0);
  return watching === 'picture' && costs ? 'voice' : watching;
}

/** Lesson time to go on from, or null to begin at the beginning. */
export function resumeAt(left: number | null, { from, to }: Pick<Replay, 'from' | 'to'>): number | null {
  return left !== null && left > from && left < to - WATCHED_MS ? left : null;
}

/** Takes what becomes ready, where that is not to be asked. */
export function useLateVoice(
  player: Player | null,
  replay: Replay,
  { begun, isKept }: { begun: boolean; isKept: boolean },
): void {
  const hadVoice = useRef(false);
  useEffect(() => {
    if (!player) return;
    const wanted = wantedFirst(replay, isKept);
    const { watching } = player.view();
    const choice = laterChoice(replay, { wanted, watching, begun, hadVoice: hadVoice.current });
    hadVoice.current ||= playedAs(replay, 'voice') !== undefined;
    if (choice !== watching) player.watch(choice);
  }, [player, replay, begun, isKept]);
}

/** Where what is played is shown no more, asks what there is instead. */
export function useInstead(player: Player | null, again: () => void): void {
  useEffect(() => {
    if (!player) return;
    let before = player.view().trouble;
    return player.subscribe(() => {
      const { trouble } = player.view();
      if (trouble === 'gone' && before !== 'gone') again();
      before = trouble;
    });
  }, [player, again]);
}

export function usePlayerView(player: Player): PlayerView {
  return useSyncExternalStore(player.subscribe, player.view);
}

/** The shown lesson time, renewed (and the component with it) every `step` milliseconds of lesson and after a leap. */
export function useShownTime(player: Player, step: number): number {
  const [t, setT] = useState(() => player.shownTime());
  useEffect(
    () =>
      onFrame(player, (now) => {
        setT((before) => (Math.floor(now / step) === Math.floor(before / step) ? before : now));
      }),
    [player, step],
  );
  return t;
}

/** Calls `draw` with the shown lesson time on every animation frame while it plays, and once after any change. */
export function onFrame(player: Player, draw: (t: number) => void): () => void {
  let frame: number | undefined;
  const step = () => {
    frame = undefined;
    draw(player.shownTime());
    if (player.view().playing) request();
  };
  const request = () => {
    frame ??= requestAnimationFrame(step);
  };
  const stop = player.subscribe(request);
  request();
  return () => {
    stop();
    if (frame !== undefined) cancelAnimationFrame(frame);
  };
}
