import { useTranslation } from 'react-i18next';
import { useQuery } from '../../api.ts';
import { Name } from '../../ui/Name.tsx';
import { timeOfDay } from '../../ui/time.ts';
import { PackMark } from '../live/PackMark.tsx';
import styles from './RoomPage.module.css';
import type { useMoment } from './useMoment.ts';

/** Packs come by night: nobody waits for them here. Milliseconds. */
const REFRESH = 30_000;

/** What the room has of its next days' lessons. */
export function RoomPacks({ room, moment }: { room: string; moment: ReturnType<typeof useMoment> }) {
  const { t } = useTranslation();
  const { data } = useQuery('room.packs', { params: { room }, every: REFRESH });
  if (!data) return null;
  return (
    <section className={styles.card} aria-labelledby="packs">
      <h2 id="packs">{t('pack.title')}</h2>
      {data.lessons.length === 0 && <p>{t('pack.none')}</p>}
      <ul className={styles.packs}>
        {data.lessons.map(({ lesson, title, startsAt, share }) => (
          <li key={lesson}>
            <span>
              {moment(startsAt, true)} {timeOfDay(startsAt)} · <Name of={title} />
            </span>
            <PackMark share={share} />
          </li>
        ))}
      </ul>
    </section>
  );
}
