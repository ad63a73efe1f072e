import { Combine } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { call, useQuery } from '../../api.ts';
import { Button } from '../../ui/Button.tsx';
import { Confirm } from '../../ui/Dialog.tsx';
import { Name, useName } from '../../ui/Name.tsx';
import { useTell } from '../../ui/Toasts.tsx';
import { timeOfDay, useDayNames } from '../../ui/time.ts';
import styles from './After.module.css';

/** A lesson that broke off and was begun anew becomes one again. */
export function Merge({ lesson }: { lesson: string }) {
  const { t } = useTranslation();
  const name = useName();
  const { full } = useDayNames();
  const tell = useTell();
  const navigate = useNavigate();
  const { data } = useQuery('edit.neighbours', { params: { lesson } });
  const [chosen, setChosen] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const other = data?.lessons.find((one) => one.lesson === chosen);
  const merge = async () => {
    if (!chosen) return;
    setBusy(true);
    try {
      const made = await call('edit.merge', { params: { lesson }, input: { with: chosen } });
      await navigate(`/after/${made.lesson}`);
      tell.info(t('after.merging.done'));
    } catch (error) {
      tell.error(error);
    }
    setBusy(false);
  };
  return (
    <section className={styles.card}>
      <h2>{t('after.merging.title')}</h2>
      <p className={styles.soft}>{t('after.merging.text')}</p>
      {data?.lessons.length === 0 && <p>{t('after.merging.none')}</p>}
      <ul className={styles.list}>
        {data?.lessons.map((one) => (
          <li key={one.lesson}>
            <span>
              <strong>
                <Name of={one.title} />
              </strong>
              <small>
                {full(one.startsAt)} {timeOfDay(one.startsAt)}
              </small>
            </span>
            <Button
              icon={Combine}
              isPending={busy && one.lesson === chosen}
              aria-label={`${t('after.merging.with')} ${name(one.title)}`}
              onPress={() => setChosen(one.lesson)}
            >
              {t('after.merging.with')}
            </Button>
          </li>
        ))}
      </ul>
      <Confirm
        isOpen={other !== undefined && !busy}
        onClose={() => !busy && setChosen(null)}
        title={t('after.merging.sure', { title: other ? name(other.title) : '' })}
        confirm={t('after.merging.with')}
        look="primary"
        onConfirm={() => void merge()}
      >
        <p>{t('after.merging.sureText')}</p>
      </Confirm>
    </section>
  );
}
