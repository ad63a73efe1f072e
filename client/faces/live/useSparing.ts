import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { own } from '../../../protocol/common.ts';
import type { LinkChoice } from '../../../protocol/link.ts';
import { useMetering } from '../../data-use/hooks.ts';
import { sparingFor } from '../../data-use/metering.ts';
import { useTell } from '../../ui/Toasts.tsx';
import type { Live } from './Lesson.tsx';
import { useAsk } from './useAsk.ts';

/** On a link that is paid for by the megabyte: saves from the beginning, and takes pictures off at the day's limit. */
export function useSparing({ session, state, view, you }: Live): void {
  const { t } = useTranslation();
  const tell = useTell();
  const ask = useAsk(session);
  const { isMetered, isOver, limitMb } = useMetering();
  const person = own(state.people, you.participant);
  const isHere = person !== undefined && view.connection === 'joined';
  const wanted = isHere ? sparingFor(person.choice ?? 'all', isMetered, isOver) : null;
  /** What was set here already: whoever chooses more after that has their way. */
  const done = useRef<LinkChoice | null>(null);
  useEffect(() => {
    if (!isMetered) done.current = null;
    if (wanted === null || done.current === wanted) return;
    done.current = wanted;
    void ask('link.choose', { choice: wanted }).then((taken) => {
      if (!taken) done.current = null;
      else if (wanted === 'no_picture' && limitMb !== null) tell.info(t('dataUse.over', { n: limitMb }));
    });
  }, [ask, tell, t, isMetered, limitMb, wanted]);
}
