import { CloudDownload, PackageCheck, PackageX } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { PackShare } from '../../../protocol/pack.ts';
import { Badge } from '../../ui/Badge.tsx';

export function percentOf({ have, of }: PackShare): number {
  return of === 0 ? 100 : Math.floor((100 * have) / of);
}

/** How much of what a lesson needs is on a device; `null`: it has not said. */
export function PackMark({ share }: { share: PackShare | null }) {
  const { t } = useTranslation();
  const percent = share ? percentOf(share) : 0;
  if (percent === 100) {
    return (
      <Badge tone="good" icon={PackageCheck}>
        {t('pack.here')}
      </Badge>
    );
  }
  return percent > 0 ? (
    <Badge tone="lake" icon={CloudDownload}>
      {t('pack.part', { percent })}
    </Badge>
  ) : (
    <Badge icon={PackageX}>{t('pack.missing')}</Badge>
  );
}
