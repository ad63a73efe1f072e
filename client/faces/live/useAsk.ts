import { useCallback } from 'react';
import type { DurableName, Input, RequestName } from '../../../protocol/requests.ts';
import { NetworkError } from '../../api.ts';
import type { LessonSession } from '../../lesson/types.ts';
import { useTell } from '../../ui/Toasts.tsx';

type Asked = Exclude<RequestName, DurableName>;

/** Asks the lesson for something and tells the person where it is refused. Answers whether it was done. */
export function useAsk(session: LessonSession) {
  const tell = useTell();
  return useCallback(
    async <N extends Asked>(name: N, input: Input<N>): Promise<boolean> => {
      try {
        await session.request(name, input);
        return true;
      } catch (error) {
        const isLost = session.view().connection !== 'joined';
        tell.error(isLost ? new NetworkError(name, { cause: error }) : error);
        return false;
      }
    },
    [session, tell],
  );
}
