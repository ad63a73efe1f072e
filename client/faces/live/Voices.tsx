import type { LessonState } from '../../../protocol/lesson.ts';
import { useLessonView, useMediaView } from '../../lesson/hooks.ts';
import type { LessonSession } from '../../lesson/types.ts';
import { Voice } from '../../ui/Voice.tsx';

/** Every voice that is received, and only voices: pictures are silent. Instead of them the early voice, or the late one. */
export function Voices({ session, streams }: { session: LessonSession; streams: LessonState['streams'] }) {
  const { received, early } = useMediaView(session.media);
  const { behind } = useLessonView(session);
  const live = Object.entries(received).filter(([id]) => streams[id]?.source === 'mic');
  return (
    <>
      {live.map(([id, track]) => (
        <Voice key={id} track={track} muted={behind !== null || early !== null} />
      ))}
      {early && !behind && <Voice track={early} />}
      {behind?.voice && <Voice track={behind.voice} />}
    </>
  );
}
