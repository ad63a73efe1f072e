import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import type { Presence } from '../../../protocol/lesson.ts';
import { sparest } from '../../../protocol/link.ts';

/** What someone is given of the lesson, and why no more. */
export function Gets({ person, className }: { person: Presence | undefined; className?: string }) {
  const { t } = useTranslation();
  const what = getsText(t, person);
  if (what === null) return null;
  return (
    <span className={className} title={t('link.getsLabel', { what })}>
      {what}
    </span>
  );
}

/** In plain words; null before the server has decided. */
export function getsText(t: TFunction, person: Presence | undefined): string | null {
  if (!person?.online || !person.rung) return null;
  const { part, rung, choice = 'all', allowed = 'all', ceilingKbps } = person;
  // Whom the lead looks at is whoever was called on.
  const isLeads = part === 'lead' && (rung === 'thumbnail' || rung === 'picture');
  const isSet = allowed !== 'all';
  // What one chose oneself says nothing where less was set.
  const isChosen = choice !== 'all' && !(isSet && sparest(choice, allowed) === allowed);
  return [
    isLeads ? t(`link.leadGets.${rung}`) : t(`link.gets.${rung}`),
    ...(isChosen ? [`(${t('link.chosen')})`] : []),
    ...(isSet ? [`(${t('links.allowedShort', { what: t(`link.choice.${allowed}`) })})`] : []),
    ...(ceilingKbps === undefined ? [] : [`(${t('links.limited', { n: ceilingKbps })})`]),
  ].join(' ');
}
