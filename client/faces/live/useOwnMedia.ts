import { useCallback, useEffect, useRef, useState } from 'react';
import type { StreamSource } from '../../../protocol/events.ts';
import { openCamera, openMicrophone, openScreen } from '../../lesson/devices.ts';
import { useMediaView } from '../../lesson/hooks.ts';
import type { LessonMedia } from '../../lesson/types.ts';

const OPEN = { mic: () => openMicrophone(), camera: () => openCamera(), screen: () => openScreen() };

export interface OwnMedia {
  /** What one sends; a microphone that is held back counts as off. */
  readonly isOn: Readonly<Record<StreamSource, boolean>>;
  readonly tracks: Readonly<Partial<Record<StreamSource, MediaStreamTrack>>>;
  /** Being opened just now. */
  readonly busy: Readonly<Partial<Record<StreamSource, boolean>>>;
  /** Why a device could not be had; null once it could. */
  readonly problem: unknown;
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
  const [problem, setProblem] = useState<unknown>(null);
  const [lost, setLost] = useState<OwnMedia['lost']>({});
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

  const stop = useCallback(
    (source: StreamSource) => {
      opened.current.get(source)?.stop();
      opened.current.delete(source);
      media.send(source, null).catch(setProblem);
    },
    [media],
  );

  const start = useCallback(
    async (source: StreamSource, given?: MediaStreamTrack): Promise<boolean> => {
      setBusy((before) => ({ ...before, [source]: true }));
      setProblem(null);
      setLost((before) => ({ ...before, [source]: false }));
      try {
        const track = given ?? (await OPEN[source]());
        opened.current.get(source)?.stop();
        opened.current.set(source, track);
        const onEnded = () => {
          stop(source);
          setLost((before) => ({ ...before, [source]: true }));
        };
        track.addEventListener('ended', onEnded, { once: true });
        await media.send(source, track);
        await media.hold(source, false);
        return true;
      } catch (error) {
        stop(source);
        setProblem(error);
        return false;
      } finally {
        setBusy((before) => ({ ...before, [source]: false }));
      }
    },
    [media, stop],
  );

  const toggle = useCallback(
    (source: StreamSource) => {
      const { sending: now, held: heldNow } = media.view();
      if (!now[source]) void start(source);
      else if (source === 'mic') media.hold('mic', !heldNow.mic).catch(setProblem);
      else stop(source);
    },
    [media, start, stop],
  );

  const isOn = {
    mic: Boolean(sending.mic) && !held.mic,
    camera: Boolean(sending.camera),
    screen: Boolean(sending.screen),
  };
  return { isOn, tracks: sending, busy, problem, lost, start, stop, toggle };
}
