import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import type { ErrorBody } from '../../protocol/errors.ts';
import { dataUse } from '../data-use/data-use.ts';
import { CalmView } from './calm-view.ts';
import { openSession } from './session.ts';
import type { LessonMedia, LessonSession, LessonView, MediaView } from './types.ts';

/** A session of this lesson as long as the component lives; null for the first moment. `account`: who uses the page. */
export function useLesson(lesson: string, account: string | null): LessonSession | null {
  const [session, setSession] = useState<LessonSession | null>(null);
  useEffect(() => {
    const opened = openSession({ lesson, account, count: (traffic) => dataUse.add(traffic, lesson) });
    setSession(opened);
    return () => {
      setSession(null);
      opened.close();
    };
  }, [lesson, account]);
  return session;
}

export function useLessonView(session: LessonSession): LessonView {
  const calm = useMemo(() => new CalmView(session), [session]);
  return useSyncExternalStore(calm.subscribe, calm.view);
}

export function useMediaView(media: LessonMedia): MediaView {
  const subscribe = useCallback((listener: () => void) => media.subscribe(listener), [media]);
  return useSyncExternalStore(subscribe, () => media.view());
}

/** The last refusal of something performed, until `forget` is called: it has been taken back already. */
export function useRefusal(session: LessonSession): { refusal: ErrorBody | null; forget: () => void } {
  const [refusal, setRefusal] = useState<ErrorBody | null>(null);
  useEffect(() => session.onRefusal(setRefusal), [session]);
  const forget = useCallback(() => setRefusal(null), []);
  return { refusal, forget };
}
