import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { RouteOutput } from '../../../protocol/api.ts';
import { useQuery } from '../../api.ts';
import { LinkButton } from '../../ui/LinkButton.tsx';
import { Notice } from '../../ui/Notice.tsx';

/** A disk fills in minutes, not in seconds. Milliseconds. */
const REFRESH = 60_000;

/** Half an hour before lessons can no longer be recorded, whoever looks after them reads it here. */
export function DiskWarning() {
  const { t } = useTranslation();
  const { data } = useQuery('storage.disk', { every: REFRESH });
  if (!data?.low) return null;
  return <DiskLow disk={data} action={<LinkButton to="/devices/storage">{t('storage.space')}</LinkButton>} />;
}

interface DiskLowProps {
  readonly disk: RouteOutput<'storage.disk'>;
  readonly action?: ReactNode;
}

export function DiskLow({ disk: { minutes }, action }: DiskLowProps) {
  const { t } = useTranslation();
  return (
    <Notice tone={minutes === 0 ? 'error' : 'warning'} action={action}>
      {minutes === 0 ? t('storage.full') : t('storage.low', { n: Math.floor(minutes) })}
    </Notice>
  );
}
