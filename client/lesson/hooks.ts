import { useEffect, useState, useSyncExternalStore } from 'react';
import type { ErrorBody } from '../../protocol/errors.ts';
import { openSession } from './session.ts';
import type { LessonMedia, LessonSession, LessonView, MediaView } from './types.ts';

/** A session of this lesson as long as the component lives; null for the first moment. */
export function useLesson(lesson: string): LessonSession | null {
  const [session, setSession] = useState<LessonSession | null>(null);
  useEffect(() => {
    const opened = openSession({ lesson });
    setSession(opened);
    return () => {
      setSession(null);
      opened.close();
    };
  }, [lesson]);
  return session;
}

export function useLessonView(session: LessonSession): LessonView {
  return useSyncExternalStore(
    (listener) => session.subscribe(listener),
    () => session.view(),
  );
}

export function useMediaView(media: LessonMedia): MediaView {
  return useSyncExternalStore(
    (listener) => media.subscribe(listener),
    () => media.view(),
  );
}

/** The last refusal of something performed, until `forget` is called: it has been taken back already. */
export function useRefusal(session: LessonSession): { refusal: ErrorBody | null; forget: () => void } {
  const [refusal, setRefusal] = useState<ErrorBody | null>(null);
  useEffect(() => session.onRefusal(setRefusal), [session]);
  return { refusal, forget: () => setRefusal(null) };
}
