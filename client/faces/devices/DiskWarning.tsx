import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { RouteOutput } from '../../../protocol/api.ts';
import { useQuery } from '../../api.ts';
import { LinkButton } from '../../ui/LinkButton.tsx';
import { useName } from '../../ui/Name.tsx';
import { Notice } from '../../ui/Notice.tsx';

/** A disk fills in minutes, not in seconds. Milliseconds. */
const REFRESH = 60_000;

type Disk = RouteOutput<'storage.disk'>;

/** Half an hour before lessons can no longer be recorded, whoever looks after them reads it here. */
export function DiskWarning() {
  const { t } = useTranslation();
  const { data } = useQuery('storage.disk', { every: REFRESH });
  if (!data) return null;
  const action = <LinkButton to="/devices/storage">{t('storage.space')}</LinkButton>;
  return (
    <>
      {data.low && <DiskLow disk={data} action={action} />}
      {data.lost && (
        <Notice tone="error" action={action}>
          {t('storage.damagedLost')}
        </Notice>
      )}
      {data.away && (
        <Notice tone="error" action={action}>
          {t('storage.away')}
        </Notice>
      )}
      {data.failed && (
        <Notice tone="warning" action={action}>
          {t('storage.unmadeSome')}
        </Notice>
      )}
      {data.schools.map(({ id, name, share }) => (
        <SpaceUsed key={id} name={name} share={share} action={action} />
      ))}
    </>
  );
}

interface DiskLowProps {
  readonly disk: Pick<Disk, 'minutes'>;
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

interface SpaceUsedProps extends Pick<Disk['schools'][number], 'name' | 'share'> {
  readonly action?: ReactNode;
}

/** A school has used nearly all of its own space, or all. */
export function SpaceUsed({ name, share, action }: SpaceUsedProps) {
  const { t } = useTranslation();
  const school = useName()(name);
  const n = Math.floor(share * 100);
  return (
    <Notice tone="warning" action={action}>
      {share < 1 ? t('storage.near', { school, n }) : t('storage.over', { school })}
    </Notice>
  );
}
