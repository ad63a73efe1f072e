import { useCallback, useEffect, useRef, useState } from 'react';
import {
  type Devices,
  listDevices,
  openCamera,
  openMicrophone,
  rememberDevices,
  watchDevices,
  watchLevel,
} from '../../lesson/devices.ts';

/** What goes into the lesson: a track, null where the teacher does without (or must), `later` where it still opens. */
export interface OwnTracks {
  readonly mic: MediaStreamTrack | null | 'later';
  readonly camera: MediaStreamTrack | null | 'later';
}

type Kind = keyof OwnTracks;

interface Opened {
  readonly track: MediaStreamTrack | null;
  readonly state: 'opening' | 'open' | 'off';
  /** Why it is off, where that was not the person's wish. */
  readonly problem: unknown;
}

const OPENING: Opened = { track: null, state: 'opening', problem: null };
const OFF: Opened = { track: null, state: 'off', problem: null };
const NO_DEVICES: Devices = { cameras: [], microphones: [], speakers: [] };

const open: Record<Kind, (id?: string) => Promise<MediaStreamTrack>> = {
  mic: (id) => openMicrophone(id),
  camera: (id) => openCamera(id),
};

/** Camera and microphone before a lesson: opened, chosen, looked at and listened to, on this machine only. */
export function usePreview() {
  const [mic, setMic] = useState(OPENING);
  const [camera, setCamera] = useState(OPENING);
  const [devices, setDevices] = useState(NO_DEVICES);
  const held = useRef<Record<Kind, MediaStreamTrack | null>>({ mic: null, camera: null });
  /** Counts openings, so that a device that opens late does not replace the one chosen after it. */
  const turns = useRef<Record<Kind, number>>({ mic: 0, camera: 0 });

  const choose = useCallback(async (kind: Kind, id?: string | null) => {
    const set = kind === 'mic' ? setMic : setCamera;
    const turn = ++turns.current[kind];
    held.current[kind]?.stop();
    held.current[kind] = null;
    if (id === null) return set(OFF);
    set(OPENING);
    try {
      const track = await open[kind](id);
      if (turn !== turns.current[kind]) return track.stop();
      held.current[kind] = track;
      if (id !== undefined) rememberDevices(kind === 'mic' ? { microphone: id } : { camera: id });
      set({ track, state: 'open', problem: null });
    } catch (problem) {
      if (turn !== turns.current[kind]) return;
      set({ track: null, state: 'off', problem });
    }
    setDevices(await listDevices().catch(() => NO_DEVICES)); // names are known once a permission is
  }, []);

  useEffect(() => {
    const tracks = held.current;
    const counts = turns.current;
    // One after the other: a browser that asks shows one question at a time.
    void choose('mic').then(() => choose('camera'));
    const stop = watchDevices(() => {
      listDevices().then(setDevices, () => setDevices(NO_DEVICES));
    });
    return () => {
      stop();
      for (const kind of ['mic', 'camera'] as const) {
        counts[kind]++;
        tracks[kind]?.stop();
      }
    };
  }, [choose]);

  /** Hands the tracks over: from now on they are the lesson's. */
  const take = (): OwnTracks => {
    const taken = {
      mic: mic.state === 'opening' ? 'later' : held.current.mic,
      camera: camera.state === 'opening' ? 'later' : held.current.camera,
    } as const;
    held.current.mic = null;
    held.current.camera = null;
    return taken;
  };

  /** Takes them back where the lesson could not be started. */
  const giveBack = (tracks: OwnTracks): void => {
    for (const kind of ['mic', 'camera'] as const) {
      const track = tracks[kind];
      if (track !== 'later') held.current[kind] = track;
    }
  };

  return { mic, camera, devices, choose, take, giveBack };
}

/** Loudness of a track, 0 to 1, and whether anything was ever heard of it. */
export function useLevel(track: MediaStreamTrack | null | undefined): { level: number; heard: boolean } {
  const [level, setLevel] = useState(0);
  const [heard, setHeard] = useState(false);
  useEffect(() => {
    setLevel(0);
    setHeard(false);
    if (!track) return;
    return watchLevel(track, (now) => {
      setLevel(now);
      if (now > HEARD) setHeard(true);
    });
  }, [track]);
  return { level, heard };
}

/** Louder than a quiet room, on the scale of `watchLevel`. */
const HEARD = 0.35;
