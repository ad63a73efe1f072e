import type { LessonState } from '../../../protocol/lesson.ts';
import { useMediaView } from '../../lesson/hooks.ts';
import type { LessonSession } from '../../lesson/types.ts';
import { Voice } from '../../ui/Voice.tsx';

/** Every voice that is received, and only voices: pictures are silent. */
export function Voices({ session, streams }: { session: LessonSession; streams: LessonState['streams'] }) {
  const { received } = useMediaView(session.media);
  return Object.entries(received)
    .filter(([id]) => streams[id]?.source === 'mic')
    .map(([id, track]) => <Voice key={id} track={track} />);
}
