import { useTranslation } from 'react-i18next';
import type { Presence } from '../../../protocol/lesson.ts';

/** In plain words, what someone is given of the lesson; nothing before the server has decided. */
export function Gets({ person, className }: { person: Presence | undefined; className?: string }) {
  const { t } = useTranslation();
  if (!person?.online || !person.rung) return null;
  const what = t(`link.gets.${person.rung}`);
  const isChosen = person.choice !== undefined && person.choice !== 'all';
  return (
    <span className={className} title={t('link.getsLabel', { what })}>
      {what}
      {isChosen && ` (${t('link.chosen')})`}
      {person.allowed && ` (${t('links.allowedShort', { what: t(`link.choice.${person.allowed}`) })})`}
      {person.ceilingKbps !== undefined && ` (${t('links.limited', { n: person.ceilingKbps })})`}
    </span>
  );
}
