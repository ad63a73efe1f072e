import { useEffect } from 'react';
import { type StreamSource, Trouble } from '../../../protocol/events.ts';
import { DeviceError } from '../../lesson/devices.ts';
import type { Live } from './Lesson.tsx';

/** Tells the teacher why somebody who was called cannot be heard, and when they can. */
export function useTrouble({ session, view }: Live, problems: Problems, isOn: boolean): void {
  const trouble = codeOf(problems.mic) ?? codeOf(problems.camera);
  const joined = view.connection === 'joined';
  useEffect(() => {
    if (!isOn || !joined) return;
    // Lost with the line, and told again with the next; sent back meanwhile, it is of no interest.
    session.request('stage.trouble', { trouble }).catch(() => undefined);
  }, [session, trouble, isOn, joined]);
}

type Problems = Readonly<Partial<Record<StreamSource, unknown>>>;

function codeOf(problem: unknown): Trouble | null {
  return problem instanceof DeviceError ? (Trouble.safeParse(problem.code).data ?? null) : null;
}
