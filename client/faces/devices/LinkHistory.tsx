import { Download } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { MEASURES, type SeriesPoint, SeriesSpan } from '../../../protocol/devices.ts';
import { useQuery } from '../../api.ts';
import { Choice } from '../../ui/Choice.tsx';
import { Chart } from './Chart.tsx';
import styles from './RoomPage.module.css';
import { useMoment } from './useMoment.ts';

const REFRESH = 60_000;
/** Rows of a table that anyone reads; the chart has them all. */
const ROWS = 60;

/** How the link was and what was heard, as a chart of one measure and as a table of all. */
export function LinkHistory({ room, device }: { room: string; device: string }) {
  const { t } = useTranslation();
  const [span, setSpan] = useState<SeriesSpan>('day');
  const [measure, setMeasure] = useState<(typeof MEASURES)[number]>('roundTripMs');
  const { data } = useQuery('device.series', { params: { room, device }, query: { span }, every: REFRESH });
  const points = data?.points ?? [];
  return (
    <div className={styles.part}>
      <h3>{t('rooms.history')}</h3>
      <div className={styles.choices}>
        <Choice
          label={t('rooms.measureLabel')}
          value={measure}
          options={MEASURES.map((id) => ({ id, text: t(`rooms.measure.${id}`) }))}
          onChange={(id) => setMeasure(MEASURES.find((one) => one === id) ?? measure)}
        />
        <Choice
          label={t('rooms.spanLabel')}
          value={span}
          options={SeriesSpan.options.map((id) => ({ id, text: t(`rooms.span.${id}`) }))}
          onChange={(id) => setSpan(SeriesSpan.options.find((one) => one === id) ?? span)}
        />
      </div>
      {points.length === 0 ? (
        <p>{t('rooms.noHistory')}</p>
      ) : (
        <>
          <Chart points={points} measure={measure} stepMs={data?.stepMs ?? 1} />
          <a
            className={styles.file}
            href={`/api/v1/rooms/${room}/devices/${device}/series.csv?span=${span}`}
            download
          >
            <Download aria-hidden size={20} /> {t('rooms.exportSeries')}
          </a>
          <details>
            <summary>{t('rooms.asTable')}</summary>
            <Table points={points} />
          </details>
        </>
      )}
    </div>
  );
}

function Table({ points }: { points: readonly SeriesPoint[] }) {
  const { t } = useTranslation();
  const moment = useMoment(Date.now());
  const used = MEASURES.filter((measure) => points.some((point) => point[measure] !== undefined));
  return (
    <div className={styles.scroller}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('rooms.when')}</th>
            {used.map((measure) => (
              <th key={measure} scope="col">
                {t(`rooms.measure.${measure}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {points.slice(-ROWS).map((point) => (
            <tr key={point.at}>
              <th scope="row">{moment(point.at)}</th>
              {used.map((measure) => (
                <td key={measure}>{point[measure] ?? ''}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
