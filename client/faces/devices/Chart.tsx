import { useTranslation } from 'react-i18next';
import type { Measure, SeriesPoint } from '../../../protocol/devices.ts';
import styles from './RoomPage.module.css';
import { useMoment } from './useMoment.ts';

const WIDTH = 640;
const HEIGHT = 180;
const LEFT = 56;
const BOTTOM = 24;
const TOP = 8;
/** More buckets than this without a report are a gap, not a line. */
const GAP_STEPS = 12;

interface ChartProps {
  readonly points: readonly SeriesPoint[];
  readonly measure: Measure;
  readonly stepMs: number;
}

/** One measure over time. The table beside it says the same in numbers. */
export function Chart({ points, measure, stepMs }: ChartProps) {
  const { t } = useTranslation();
  const moment = useMoment(Date.now());
  const given = points.flatMap((point) => {
    const value = point[measure];
    return value === undefined ? [] : [{ at: point.at, value }];
  });
  const [first, last] = [given[0], given.at(-1)];
  if (!first || !last) return <p>{t('rooms.noHistory')}</p>;
  const isLevel = measure === 'levelIn' || measure === 'levelOut';
  const low = isLevel ? -100 : 0;
  const high = isLevel ? 0 : nice(Math.max(...given.map(({ value }) => value)));
  const time = Math.max(last.at - first.at, stepMs);
  const x = (at: number) => LEFT + ((at - first.at) / time) * (WIDTH - LEFT - 8);
  const y = (value: number) => TOP + ((high - value) / (high - low)) * (HEIGHT - TOP - BOTTOM);
  const path = given
    .map(({ at, value }, i) => {
      const before = given[i - 1];
      const starts = !before || at - before.at > GAP_STEPS * stepMs;
      return `${starts ? 'M' : 'L'}${x(at).toFixed(1)} ${y(value).toFixed(1)}${starts ? 'h0.01' : ''}`;
    })
    .join('');
  return (
    <svg
      className={styles.chart}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={t(`rooms.measure.${measure}`)}
    >
      {[low, (low + high) / 2, high].map((value) => (
        <g key={value}>
          <line x1={LEFT} x2={WIDTH - 8} y1={y(value)} y2={y(value)} />
          <text x={LEFT - 8} y={y(value) + 4} textAnchor="end">
            {Number(value.toPrecision(3))}
          </text>
        </g>
      ))}
      <path d={path} />
      <text x={LEFT} y={HEIGHT - 4}>
        {moment(first.at)}
      </text>
      <text x={WIDTH - 8} y={HEIGHT - 4} textAnchor="end">
        {moment(last.at)}
      </text>
    </svg>
  );
}

/** The next of 1, 2, 5 × 10ⁿ: an axis that can be read. */
function nice(value: number): number {
  if (value <= 0) return 1;
  const unit = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((factor) => factor * unit >= value) ?? 10) * unit;
}
