import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call, useQuery } from '../../api.ts';
import { Button } from '../../ui/Button.tsx';
import { Name, useName } from '../../ui/Name.tsx';
import { useTell } from '../../ui/Toasts.tsx';
import { useDayNames } from '../../ui/time.ts';
import styles from './Prepare.module.css';

interface EarlierBoardsProps {
  readonly lesson: string;
  readonly after?: string;
}

/** Going on with what was written in an earlier lesson of the course. */
export function EarlierBoards({ lesson, after }: EarlierBoardsProps) {
  const { t } = useTranslation();
  const { day } = useDayNames();
  const name = useName();
  const tell = useTell();
  const [bringing, setBringing] = useState<string | null>(null);
  const { data } = useQuery('board.earlier', { params: { lesson } });
  const bring = async (from: string) => {
    setBringing(from);
    try {
      const input = { from, ...(after !== undefined && { after }) };
      const { pages } = await call('board.bring', { params: { lesson }, input });
      tell.info(t('prepare.brought', { n: pages }));
    } catch (error) {
      tell.error(error);
    } finally {
      setBringing(null);
    }
  };
  if (!data) return null;
  return (
    <section className={styles.section} aria-labelledby="earlier">
      <h2 id="earlier">{t('prepare.earlier')}</h2>
      <p className={styles.hint}>
        {t(data.lessons.length === 0 ? 'prepare.noEarlier' : 'prepare.earlierHint')}
      </p>
      <ul className={styles.files}>
        {data.lessons.map(({ id, title, startsAt, pages }) => (
          <li key={id} className={styles.file}>
            <div className={styles.about}>
              <p className={styles.name}>
                <Name of={title} />
              </p>
              <p className={styles.state}>{day(startsAt)}</p>
            </div>
            <Button
              aria-label={`${t('prepare.bring', { n: pages })} ${name(title)}`}
              isPending={bringing === id}
              isDisabled={bringing !== null}
              onPress={() => void bring(id)}
            >
              {t('prepare.bring', { n: pages })}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
