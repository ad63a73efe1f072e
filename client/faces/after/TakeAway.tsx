import { Download, Package } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call, useQuery } from '../../api.ts';
import { sizeText } from '../../replay/format.ts';
import { Button } from '../../ui/Button.tsx';
import { download } from '../../ui/download.ts';
import { Notice } from '../../ui/Notice.tsx';
import { useSubmit } from '../signin/useSubmit.ts';
import styles from './After.module.css';

/** What is still being made is asked for this often, milliseconds. */
const REFRESH = 5000;

/** A replay leaves the server: to be watched without one, or to another school. */
export function TakeAway({ lesson }: { lesson: string }) {
  return (
    <div className={styles.columns}>
      <Archive lesson={lesson} />
      <ForAnotherSchool lesson={lesson} />
    </div>
  );
}

function Archive({ lesson }: { lesson: string }) {
  const { t } = useTranslation();
  const { data } = useQuery('archive.show', { params: { lesson }, every: REFRESH });
  return (
    <section className={styles.card}>
      <h2>{t('after.archive')}</h2>
      <p className={styles.soft}>{t('after.archiveText')}</p>
      {data?.bytes === null && <Notice>{t('after.archiveWaiting')}</Notice>}
      {data && data.bytes !== null && !data.exact && <Notice>{t('after.archiveMaking')}</Notice>}
      {data && data.bytes !== null && (
        <Button look="primary" icon={Download} onPress={() => download(`/replays/${lesson}/archive.zip`)}>
          {t(data.exact ? 'after.archiveGet' : 'after.archiveGetAbout', { size: sizeText(data.bytes) })}
        </Button>
      )}
    </section>
  );
}

function ForAnotherSchool({ lesson }: { lesson: string }) {
  const { t } = useTranslation();
  const [made, setMade] = useState<{ url: string; bytes: number } | null>(null);
  const { submit, busy, problem } = useSubmit(async () => {
    setMade(await call('courier.export', { params: { lesson }, input: {} }));
  });
  return (
    <section className={styles.card}>
      <h2>{t('after.package')}</h2>
      <p className={styles.soft}>{t('after.packageText')}</p>
      {problem && <Notice tone="error">{problem}</Notice>}
      {made ? (
        <Button icon={Download} onPress={() => download(made.url)}>
          {t('after.archiveGet', { size: sizeText(made.bytes) })}
        </Button>
      ) : (
        <Button icon={Package} isPending={busy} onPress={() => void submit()}>
          {t('after.packageMake')}
        </Button>
      )}
    </section>
  );
}
