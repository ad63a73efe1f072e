import { useCallback, useEffect, useRef, useState } from 'react';
import type { LessonSummary } from '../../../protocol/api.ts';
import type { CheckItem, CheckReport, Command, InputState, Measures } from '../../../protocol/devices.ts';
import { worst } from '../../../protocol/devices.ts';
import { PROTOCOL_VERSION } from '../../../protocol/version.ts';
import { DeviceAgent } from '../../devices/agent.ts';
import { freeSpace, runCheck } from '../../devices/check/run.ts';
import { soundTone } from '../../devices/check/sound.ts';
import { canBeDevice, openIdentity } from '../../devices/identity.ts';
import { useAccount } from '../../router/account.tsx';
import { setVolume } from '../../ui/sound.ts';
import type { DeviceCheck } from './useDeviceCheck.ts';

/** Long enough to walk from the door to the screen and read a number, milliseconds. */
const IDENTIFY_MS = 30_000;

export type CheckState =
  | { readonly state: 'none' | 'running' }
  | { readonly state: 'done'; readonly items: readonly CheckItem[] };

export interface Device {
  /** This browser is enrolled: the server tells it what happens, and it need not ask. */
  readonly isEnrolled: boolean;
  readonly isIdentifying: boolean;
  readonly lastCheck: CheckState;
  readonly check: (trigger: CheckReport['trigger']) => Promise<readonly CheckItem[]>;
  readonly setInLesson: (inLesson: boolean) => void;
  /** What a lesson measures goes with the next report. */
  readonly measured: (measures: Measures) => void;
}

/** The classroom's screen as an enrolled device. `refresh` is called when its lessons have changed. */
export function useDevice(inputs: DeviceCheck, refresh: () => void): Device {
  const { forget } = useAccount();
  const agent = useRef<DeviceAgent | null>(null);
  const state = useRef({ inLesson: false, volume: 1, measures: {} as Measures, inputs, refresh });
  state.current.inputs = inputs;
  state.current.refresh = refresh;
  const [isEnrolled, setEnrolled] = useState(false);
  const [isIdentifying, setIdentifying] = useState(false);
  const [lastCheck, setLastCheck] = useState<CheckState>({ state: 'none' });

  const check = useCallback(async (trigger: CheckReport['trigger']) => {
    const { current } = agent;
    if (!current) return [];
    setLastCheck({ state: 'running' });
    const { inLesson, volume } = state.current;
    const { items, link } = await runCheck({ agent: current, inLesson, volume });
    setLastCheck({ state: 'done', items });
    await current.sendCheck({ trigger, items });
    if (link) await current.sendMeasures(link);
    return items;
  }, []);

  useEffect(() => {
    let closed = false;
    let identifying: ReturnType<typeof setTimeout> | undefined;
    const obey = async ({ kind }: Command): Promise<string | undefined> => {
      switch (kind) {
        case 'identify':
          setIdentifying(true);
          clearTimeout(identifying);
          identifying = setTimeout(() => setIdentifying(false), IDENTIFY_MS);
          return undefined;
        case 'reload':
          location.reload();
          return undefined;
        case 'tone':
          await soundTone(state.current.volume);
          return undefined;
        case 'check':
          return worst((await check('asked')).map(({ level }) => level));
      }
    };
    const start = async () => {
      if (!canBeDevice() || !(await openIdentity({ make: false })) || closed) return;
      agent.current = new DeviceAgent({
        facts: facts(),
        obey,
        measure: async () => {
          const { measures } = state.current;
          state.current.measures = {};
          return { ...measures, ...inputStates(state.current.inputs), ...(await machineState()) };
        },
        settings: ({ volume }) => {
          // Only the server knows: a key is made before it is paired, and this room may have come by its password.
          setEnrolled(true);
          state.current.volume = volume;
          setVolume(volume);
        },
        agenda: () => state.current.refresh(),
        ended: forget,
        report: (error) => console.warn('The device could not report:', error),
      });
    };
    start().catch((error: unknown) => console.error('This browser cannot be a device:', error));
    return () => {
      closed = true;
      clearTimeout(identifying);
      agent.current?.close();
      agent.current = null;
    };
  }, [check, forget]);

  // What changed is told at once: a camera that was pulled out in mid-lesson is worth a telephone call.
  const { state: inputState, problem } = inputs;
  // biome-ignore lint/correctness/useExhaustiveDependencies: told whenever these change
  useEffect(() => agent.current?.reportNow(), [inputState, problem]);

  const setInLesson = useCallback((inLesson: boolean) => {
    state.current.inLesson = inLesson;
    agent.current?.setInLesson(inLesson);
  }, []);
  const measured = useCallback((measures: Measures) => {
    const { levelIn, levelOut } = state.current.measures;
    state.current.measures = {
      levelIn: loudest(levelIn, measures.levelIn),
      levelOut: loudest(levelOut, measures.levelOut),
    };
  }, []);
  return { isEnrolled, isIdentifying, lastCheck, check, setInLesson, measured };
}

/** How long before a lesson it is checked, milliseconds: time to telephone, and to find the other cable. */
const CHECK_BEFORE = 10 * 60_000;

/** Checks once before each lesson, ten minutes ahead or as soon as the screen is there. */
export function useCheckBefore(device: Device, next: LessonSummary | undefined, now: number): void {
  const checked = useRef<string | null>(null);
  const { isEnrolled, check } = device;
  const due = next && next.state === 'ready' && next.startsAt - now <= CHECK_BEFORE ? next.id : null;
  useEffect(() => {
    if (!isEnrolled || due === null || checked.current === due) return;
    checked.current = due;
    check('before_lesson').catch((error: unknown) => {
      checked.current = null;
      console.warn('The check before the lesson was not told:', error);
    });
  }, [isEnrolled, due, check]);
}

function facts() {
  const { userAgent, hardwareConcurrency } = navigator;
  const memoryGb = 'deviceMemory' in navigator ? Number(navigator.deviceMemory) : undefined;
  return {
    version: `${PROTOCOL_VERSION}`,
    agent: userAgent.slice(0, 300),
    cores: hardwareConcurrency,
    ...(memoryGb !== undefined && Number.isFinite(memoryGb) && { memoryGb }),
    screen: `${screen.width} × ${screen.height}`,
  };
}

function inputStates({ state, problem }: DeviceCheck): { camera?: InputState; microphone?: InputState } {
  if (state === 'checking') return {};
  if (state === 'ready') return { camera: 'ok', microphone: 'ok' };
  const code =
    typeof problem === 'object' && problem !== null && 'code' in problem ? String(problem.code) : '';
  const [part, how] = code.split('_');
  const trouble: InputState = how === 'missing' || how === 'refused' || how === 'busy' ? how : 'failed';
  return part === 'camera' ? { camera: trouble, microphone: 'ok' } : { microphone: trouble };
}

async function machineState(): Promise<{ freeMb?: number; memoryMb?: number }> {
  const freeMb = (await freeSpace()) ?? undefined;
  return { freeMb };
}

function loudest(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.max(a, b);
}
