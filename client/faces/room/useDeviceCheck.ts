import { useCallback, useEffect, useState } from 'react';
import { openCamera, openMicrophone, watchDevices } from '../../lesson/devices.ts';

/** Milliseconds. At rest a camera that lights up again and again would only be wondered about. */
const LOOK_AGAIN_MS = 10_000;
const LOOK_AGAIN_AT_REST_MS = 5 * 60_000;

export interface DeviceCheck {
  readonly state: 'checking' | 'ready' | 'trouble';
  /** A DeviceError, where there is trouble. */
  readonly problem: unknown;
  readonly again: () => void;
}

/** Whether this room could be seen and heard if it were called on now; looked at again whenever a device changes. */
export function useDeviceCheck(isResting: boolean): DeviceCheck {
  const [result, setResult] = useState<Omit<DeviceCheck, 'again'>>({ state: 'checking', problem: null });
  const [round, setRound] = useState(0);
  const again = useCallback(() => setRound((before) => before + 1), []);

  useEffect(() => watchDevices(again), [again]);
  // Not every driver says that a device is back.
  const inTrouble = result.state === 'trouble';
  useEffect(() => {
    if (!inTrouble) return;
    const timer = setInterval(again, isResting ? LOOK_AGAIN_AT_REST_MS : LOOK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [inTrouble, isResting, again]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: every round looks again
  useEffect(() => {
    let current = true;
    check().then(
      () => current && setResult({ state: 'ready', problem: null }),
      (problem: unknown) => current && setResult({ state: 'trouble', problem }),
    );
    return () => {
      current = false;
    };
  }, [round]);

  return { ...result, again };
}

/** Opens both and gives them back at once: a camera that stays on is a camera that children wonder about. */
async function check(): Promise<void> {
  (await openMicrophone()).stop();
  (await openCamera()).stop();
}
