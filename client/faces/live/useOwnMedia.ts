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
  /** Opens the device (or takes this track) and sends it; true when it goes out. */
  readonly start: (source: StreamSource, track?: MediaStreamTrack) => Promise<boolean>;
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

  useEffect(() => {
    const tracks = opened.current;
    return () => {
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
      opened.current.get(source)?.stop();
      opened.current.delete(source);
      media.send(source, null).catch((error: unknown) => setProblem(source, error));
    },
    [media, setProblem],
  );

  const onEnded = useCallback(
    (source: StreamSource) => {
      stop(source);
      setLost((before) => ({ ...before, [source]: true }));
    },
    [stop],
  );

  const start = useCallback(
    async (source: StreamSource, given?: MediaStreamTrack): Promise<boolean> => {
      setBusy((before) => ({ ...before, [source]: true }));
      setProblem(source, null);
      setLost((before) => ({ ...before, [source]: false }));
      try {
        const track = given ?? (await OPEN[source](chosen.current));
        opened.current.get(source)?.stop();
        opened.current.set(source, track);
        track.addEventListener('ended', () => onEnded(source), { once: true });
        await media.send(source, track, chosen.current);
        await media.hold(source, false);
        return true;
      } catch (error) {
        stop(source);
        setProblem(source, error);
        return false;
      } finally {
        setBusy((before) => ({ ...before, [source]: false }));
      }
    },
    [media, stop, onEnded, setProblem],
  );

  /** The microphone is opened anew; one that is held back stays so. */
  const setSound = useCallback(
    (next: Sound) => {
      chosen.current = next;
      setSoundShown(next);
      if (!media.view().sending.mic) return;
      const change = async () => {
        const track = await OPEN.mic(next);
        opened.current.get('mic')?.stop();
        opened.current.set('mic', track);
        track.addEventListener('ended', () => onEnded('mic'), { once: true });
        await media.send('mic', track, next);
      };
      change().catch((error: unknown) => setProblem('mic', error));
    },
    [media, onEnded, setProblem],
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
  return { isOn, tracks: sending, busy, problem, problems, lost, sound, setSound, start, stop, toggle };
}
