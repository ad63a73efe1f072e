import type { TFunction } from 'i18next';
import { useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { sizeText } from '../replay/format.ts';
import type { MenuPart } from '../ui/Menu.tsx';
import { dataUse, type Traffic, totalOf } from './data-use.ts';
import { isMetered, isOver, LIMITS_MB, metering, onMetering, setMetering } from './metering.ts';

/** What was chosen on this device, and whether today's limit is reached. */
export function useMetering() {
  const chosen = useSyncExternalStore(onMetering, metering);
  useSyncExternalStore(dataUse.subscribe, dataUse.version);
  return {
    limitMb: chosen.limitMb,
    isMetered: isMetered(chosen),
    isOver: isOver(chosen, dataUse.today()),
  };
}

/**
 * What the link has cost, in words, and what one may choose about it: parts of a menu. `lesson`: the one that is live
 * here; `onMetered` is told of a choice.
 */
export function useMeterParts(lesson: string | null, onMetered?: (on: boolean) => void): readonly MenuPart[] {
  const { t } = useTranslation();
  const { limitMb, isMetered: on, isOver: over } = useMetering();
  const set = (metered: boolean) => () => {
    setMetering({ metered });
    onMetered?.(metered);
  };
  return [
    ...costParts(t, lesson),
    ...(over && limitMb !== null ? [said('over', t('dataUse.over', { n: limitMb }))] : []),
    {
      id: 'metered',
      title: t('dataUse.metered'),
      chosen: on ? 'on' : 'off',
      choices: [
        { id: 'off', text: t('dataUse.off'), onChoose: set(false) },
        { id: 'on', text: t('dataUse.on'), onChoose: set(true) },
      ],
    },
    ...(on ? [limitPart(t, limitMb)] : []),
  ];
}

function costParts(t: TFunction, lesson: string | null): MenuPart[] {
  const amount = (bytes: number) => (bytes === 0 ? '0 MB' : sizeText(bytes));
  const whole = (traffic: Traffic) => amount(totalOf(traffic));
  const days = said(
    'days',
    t('dataUse.days', { today: whole(dataUse.today()), month: whole(dataUse.month()) }),
  );
  if (lesson === null) return [days];
  const { received, sent } = dataUse.ofLesson(lesson);
  return [said('lesson', t('dataUse.lesson', { received: amount(received), sent: amount(sent) })), days];
}

function limitPart(t: TFunction, limitMb: number | null): MenuPart {
  const limits = [...new Set([...LIMITS_MB, ...(limitMb === null ? [] : [limitMb])])].sort((a, b) => a - b);
  return {
    id: 'limit',
    title: t('dataUse.limit'),
    chosen: String(limitMb),
    choices: [null, ...limits].map((n) => ({
      id: String(n),
      text: n === null ? t('dataUse.noLimit') : t('dataUse.mb', { n }),
      onChoose: () => setMetering({ limitMb: n }),
    })),
  };
}

/** Said, not chosen. */
function said(id: string, title: string): MenuPart {
  return { id, title, choices: [] };
}
