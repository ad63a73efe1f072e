import { useCallback, useEffect, useRef, useState } from 'react';
import type { StreamSource } from '../../../protocol/events.ts';
import { openCamera, openMicrophone, openScreen } from '../../lesson/devices.ts';
import type { Sound } from '../../lesson/encodings.ts';
import { useMediaView } from '../../lesson/hooks.ts';
import type { LessonMedia } from '../../lesson/types.ts';

/** What helps speech takes a held note for noise. */
const AS_IT_IS = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };

const OPEN = {
  mic: (sound: Sound) => openMicrophone(undefined, sound === 'music' ? AS_IT_IS : {}),
  camera: () => openCamera(),
  screen: () => openScreen(),
};

export interface OwnMedia {
  /** What one sends; a microphone that is held back counts as off. */
  readonly isOn: Readonly<Record<StreamSource, boolean>>;
  readonly tracks: Readonly<Partial<Record<StreamSource, MediaStreamTrack>>>;
  /** Being opened just now. */
  readonly busy: Readonly<Partial<Record<StreamSource, boolean>>>;
  /** Why a device could not be had; null once all could. */
  readonly problem: unknown;
  readonly problems: Readonly<Partial<Record<StreamSource, unknown>>>;
  /** What the microphone is for. */
  readonly sound: Sound;
  readonly setSound: (sound: Sound) => void;
  /** Ended by itself: a cable pulled out, or the browser's own "stop sharing". */
  readonly lost: Readonly<Partial<Record<StreamSource, boolean>>>;
  /** Opens the device (or takes this track) and sends it; true when it goes out. Stopped meanwhile, it opens nothing. */
  readonly start: (source: StreamSource, track?: MediaStreamTrack) => Promise<boolean>;
  /** Microphone, then camera: a browser that asks shows one question at a time. */
  readonly startBoth: () => Promise<void>;
  /** Stops sending and gives the device back: its light goes out. */
  readonly stop: (source: StreamSource) => void;
  /** A microphone is held back, since it must be back at once; the others are stopped. */
  readonly toggle: (source: StreamSource) => void;
}

/** What one sends oneself, and the devices it comes from. */
export function useOwnMedia(media: LessonMedia): OwnMedia {
  const { sending, held } = useMediaView(media);
  const [busy, setBusy] = useState<OwnMedia['busy']>({});
  const [problems, setProblems] = useState<OwnMedia['problems']>({});
  const [sound, setSoundShown] = useState<Sound>('speech');
  const [lost, setLost] = useState<OwnMedia['lost']>({});
  const chosen = useRef<Sound>('speech');
  const opened = useRef(new Map<StreamSource, MediaStreamTrack>());
  /** Counts openings: a device that opens only after it was stopped, or after the lesson, is given back at once. */
  const turns = useRef<Record<StreamSource, number>>({ mic: 0, camera: 0, screen: 0 });
  const isGone = useRef(false);

  useEffect(() => {
    const tracks = opened.current;
    isGone.current = false;
    return () => {
      isGone.current = true;
      for (const [source, track] of tracks) {
        // The lesson may be over or left: then there is nothing to take back, and nobody to tell.
        media.send(source, null).catch(() => undefined);
        track.stop();
      }
      tracks.clear();
    };
  }, [media]);

  const setProblem = useCallback(
    (source: StreamSource, problem: unknown) => setProblems((before) => ({ ...before, [source]: problem })),
    [],
  );

  const stop = useCallback(
    (source: StreamSource) => {
      turns.current[source]++;
      setBusy((before) => ({ ...before, [source]: false }));
      opened.current.get(source)?.stop();
      opened.current.delete(source);
      media.send(source, null).catch((error: unknown) => setProblem(source, error));
    },
    [media, setProblem],
  );

  /** False, and the track is given back, where it comes too late. */
  const take = useCallback(
    (source: StreamSource, track: MediaStreamTrack, turn: number): boolean => {
      if (isGone.current || turn !== turns.current[source]) {
        track.stop();
        return false;
      }
      opened.current.get(source)?.stop();
      opened.current.set(source, track);
      const onEnded = () => {
        if (opened.current.get(source) !== track) return;
        stop(source);
        setLost((before) => ({ ...before, [source]: true }));
      };
      track.addEventListener('ended', onEnded, { once: true });
      return true;
    },
    [stop],
  );

  const open = useCallback(
    async (source: StreamSource, turn: number, given?: MediaStreamTrack): Promise<boolean> => {
      setBusy((before) => ({ ...before, [source]: true }));
      setProblem(source, null);
      setLost((before) => ({ ...before, [source]: false }));
      try {
        const track = given ?? (await OPEN[source](chosen.current));
        if (!take(source, track, turn)) return false;
        await media.send(source, track, chosen.current);
        await media.hold(source, false);
        return opened.current.get(source) === track;
      } catch (error) {
        if (turn !== turns.current[source]) return false;
        stop(source);
        setProblem(source, error);
        return false;
      } finally {
        if (turn === turns.current[source]) setBusy((before) => ({ ...before, [source]: false }));
      }
    },
    [media, stop, take, setProblem],
  );

  const start = useCallback(
    (source: StreamSource, given?: MediaStreamTrack) => open(source, ++turns.current[source], given),
    [open],
  );

  const startBoth = useCallback(async () => {
    const turn = ++turns.current.camera;
    await start('mic');
    if (!isGone.current && turn === turns.current.camera) await open('camera', turn);
  }, [start, open]);

  /** The microphone is opened anew; one that is held back stays so. */
  const setSound = useCallback(
    (next: Sound) => {
      chosen.current = next;
      setSoundShown(next);
      if (!media.view().sending.mic) return;
      const turn = turns.current.mic;
      const change = async () => {
        const track = await OPEN.mic(next);
        if (chosen.current !== next) track.stop();
        else if (take('mic', track, turn)) await media.send('mic', track, next);
      };
      change().catch((error: unknown) => setProblem('mic', error));
    },
    [media, take, setProblem],
  );

  const toggle = useCallback(
    (source: StreamSource) => {
      const hold = (which: StreamSource, back: boolean) =>
        media.hold(which, back).catch((error: unknown) => setProblem(which, error));
      const { sending: now, held: heldNow } = media.view();
      if (!now[source]) void start(source);
      else if (source === 'mic') void hold('mic', !heldNow.mic);
      else stop(source);
    },
    [media, start, stop, setProblem],
  );

  const isOn = {
    mic: Boolean(sending.mic) && !held.mic,
    camera: Boolean(sending.camera),
    screen: Boolean(sending.screen),
  };
  const problem = problems.mic ?? problems.camera ?? problems.screen ?? null;
  return {
    isOn,
    tracks: sending,
    busy,
    problem,
    problems,
    lost,
    sound,
    setSound,
    start,
    startBoth,
    stop,
    toggle,
  };
}
