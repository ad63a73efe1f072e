import { useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LessonSummary } from '../../../protocol/api.ts';
import type { Command } from '../../../protocol/device-commands.ts';
import type { CheckItem, CheckReport, InputState, Measures } from '../../../protocol/devices.ts';
import { worst } from '../../../protocol/devices.ts';
import { DeviceAgent } from '../../devices/agent.ts';
import { runCheck } from '../../devices/check/run.ts';
import { canBeDevice, openIdentity } from '../../devices/identity.ts';
import { startJournal } from '../../devices/journal.ts';
import { machineFacts, machineState, watchPressure } from '../../devices/machine.ts';
import { obeyOrder } from '../../devices/orders.ts';
import { useAccount } from '../../router/account.tsx';
import { setVolume } from '../../ui/sound.ts';
import { useTell } from '../../ui/Toasts.tsx';
import type { DeviceCheck } from './useDeviceCheck.ts';
import { Whether } from './whether.ts';

/** Long enough to walk from the door to the screen and read a number, milliseconds. */
const IDENTIFY_MS = 30_000;
/** On a satellite the list of lessons and the lesson itself have come by then. After it a lesson is taken to run. Milliseconds. */
const FIND_OUT_MS = 15_000;

export type CheckState =
  | { readonly state: 'none' | 'running' }
  | { readonly state: 'done'; readonly items: readonly CheckItem[] };

export interface Device {
  /** This browser is enrolled: the server tells it what happens, and it need not ask. */
  readonly isEnrolled: boolean;
  /** It was heard by the server, and is not any more. */
  readonly isCut: boolean;
  readonly isIdentifying: boolean;
  /** Counts how often a camera or microphone was chosen from afar. */
  readonly choice: number;
  readonly lastCheck: CheckState;
  readonly check: (trigger: CheckReport['trigger']) => Promise<readonly CheckItem[]>;
  /** null: not known yet. */
  readonly setInLesson: (inLesson: boolean | null) => void;
  /** What a lesson measures goes with the next report. */
  readonly measured: (measures: Measures) => void;
}

/** The classroom's screen as an enrolled device. `refresh` is called when its lessons have changed. */
export function useDevice(inputs: DeviceCheck, refresh: () => void): Device {
  const { t } = useTranslation();
  const { forget } = useAccount();
  const tell = useTell();
  const pictureTaken = () => tell.info(t('room.pictureTaken'));
  const agent = useRef<DeviceAgent | null>(null);
  const state = useRef({
    inLesson: new Whether(),
    volume: 1,
    measures: {} as Measures,
    inputs,
    refresh,
    pictureTaken,
  });
  state.current.inputs = inputs;
  state.current.refresh = refresh;
  state.current.pictureTaken = pictureTaken;
  const [isEnrolled, setEnrolled] = useState(false);
  const [isCut, setCut] = useState(false);
  const [isIdentifying, setIdentifying] = useState(false);
  const [choice, setChoice] = useState(0);
  const [lastCheck, setLastCheck] = useState<CheckState>({ state: 'none' });

  const check = useCallback(async (trigger: CheckReport['trigger']) => {
    const { current } = agent;
    if (!current) return [];
    setLastCheck({ state: 'running' });
    const inLesson = await state.current.inLesson.known(FIND_OUT_MS);
    const { volume } = state.current;
    const { items, link } = await runCheck({ agent: current, inLesson, volume });
    setLastCheck({ state: 'done', items });
    await current.sendCheck({ trigger, items });
    if (link) await current.sendMeasures(link);
    return items;
  }, []);

  useEffect(() => {
    let closed = false;
    let identifying: ReturnType<typeof setTimeout> | undefined;
    const obey = (command: Command) =>
      obeyOrder(command, {
        inLesson: state.current.inLesson.isSo,
        volume: state.current.volume,
        identify() {
          setIdentifying(true);
          clearTimeout(identifying);
          identifying = setTimeout(() => setIdentifying(false), IDENTIFY_MS);
        },
        check: async () => worst((await check('asked')).map(({ level }) => level)),
        inputsChosen() {
          setChoice((before) => before + 1);
          state.current.inputs.again();
        },
        pictureTaken: () => state.current.pictureTaken(),
      });
    const start = async () => {
      if (!canBeDevice() || !(await openIdentity({ make: false })) || closed) return;
      agent.current = new DeviceAgent({
        facts: machineFacts(),
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
        line: (isThere) => setCut(!isThere),
        ended: forget,
        report: (error) => console.warn('The device could not report:', error),
      });
    };
    const stopJournal = startJournal();
    const stopPressure = watchPressure();
    start().catch((error: unknown) => console.error('This browser cannot be a device:', error));
    return () => {
      closed = true;
      stopJournal();
      stopPressure();
      clearTimeout(identifying);
      agent.current?.close();
      agent.current = null;
    };
  }, [check, forget]);

  // What changed is told at once: a camera that was pulled out in mid-lesson is worth a telephone call.
  const { state: inputState, problem } = inputs;
  // biome-ignore lint/correctness/useExhaustiveDependencies: told whenever these change
  useEffect(() => agent.current?.reportNow(), [inputState, problem]);

  const setInLesson = useCallback((inLesson: boolean | null) => {
    state.current.inLesson.set(inLesson);
    agent.current?.setInLesson(inLesson === true);
  }, []);
  const measured = useCallback((measures: Measures) => {
    const { levelIn, levelOut } = state.current.measures;
    state.current.measures = {
      ...state.current.measures,
      ...measures,
      levelIn: loudest(levelIn, measures.levelIn),
      levelOut: loudest(levelOut, measures.levelOut),
    };
  }, []);
  return { isEnrolled, isCut, isIdentifying, choice, lastCheck, check, setInLesson, measured };
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

function inputStates({ state, problem }: DeviceCheck): { camera?: InputState; microphone?: InputState } {
  if (state === 'checking') return {};
  if (state === 'ready') return { camera: 'ok', microphone: 'ok' };
  const code =
    typeof problem === 'object' && problem !== null && 'code' in problem ? String(problem.code) : '';
  const [part, how] = code.split('_');
  const trouble: InputState = how === 'missing' || how === 'refused' || how === 'busy' ? how : 'failed';
  return part === 'camera' ? { camera: trouble, microphone: 'ok' } : { microphone: trouble };
}

function loudest(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.max(a, b);
}
