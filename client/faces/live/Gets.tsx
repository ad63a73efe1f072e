import { useTranslation } from 'react-i18next';
import type { Presence } from '../../../protocol/lesson.ts';
import { sparest } from '../../../protocol/link.ts';

/** In plain words, what someone is given of the lesson, and why no more; nothing before the server has decided. */
export function Gets({ person, className }: { person: Presence | undefined; className?: string }) {
  const { t } = useTranslation();
  if (!person?.online || !person.rung) return null;
  const { rung, choice = 'all', allowed = 'all', ceilingKbps } = person;
  const isSet = allowed !== 'all';
  // What one chose oneself says nothing where less was set.
  const isChosen = choice !== 'all' && !(isSet && sparest(choice, allowed) === allowed);
  const what = [
    t(`link.gets.${rung}`),
    ...(isChosen ? [`(${t('link.chosen')})`] : []),
    ...(isSet ? [`(${t('links.allowedShort', { what: t(`link.choice.${allowed}`) })})`] : []),
    ...(ceilingKbps === undefined ? [] : [`(${t('links.limited', { n: ceilingKbps })})`]),
  ].join(' ');
  return (
    <span className={className} title={t('link.getsLabel', { what })}>
      {what}
    </span>
  );
}
