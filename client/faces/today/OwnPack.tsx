import { CloudDownload } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useOwnPack } from '../../packs/hooks.ts';
import { isFull } from '../../packs/pack-store.ts';
import { Button } from '../../ui/Button.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { useErrorText } from '../../ui/useErrorText.ts';
import { PackMark, percentOf } from '../live/PackMark.tsx';
import styles from './LessonRow.module.css';

const MEGABYTE = 1_000_000;

/** What the next lesson needs, brought to this device before it; nothing where the browser keeps nothing. */
export function OwnPack({ lesson }: { lesson: string }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const { share, fetching, error, fetch } = useOwnPack(lesson);
  if (!share) return null;
  const left = share.of - share.have;
  if (left === 0) {
    return (
      <div className={styles.pack}>
        <PackMark share={share} />
      </div>
    );
  }
  return (
    <div className={styles.pack}>
      <Button icon={CloudDownload} onPress={fetch} isDisabled={fetching}>
        {fetching
          ? t('pack.fetching', { percent: percentOf(share) })
          : t('pack.fetch', { size: Math.max(0.1, left / MEGABYTE).toFixed(1) })}
      </Button>
      <small>{t('pack.fetchHint')}</small>
      {error !== null && <Notice tone="error">{isFull(error) ? t('pack.full') : errorText(error)}</Notice>}
    </div>
  );
}
