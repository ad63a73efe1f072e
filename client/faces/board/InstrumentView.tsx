import { type PointerEvent as ReactPointerEvent, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Place } from '../../../protocol/board-events.ts';
import { GUIDE_REACH, type Instrument, placeOn, withinReach } from '../../board/instruments.ts';
import type { BoardLook, LiveBoard } from '../../board/live-board.ts';
import styles from './Board.module.css';

/** Board units a centimetre of the ruler: the page is 48 cm wide by it. */
const CENTIMETRE = 40;
const BODY = 110;
const EDGE = GUIDE_REACH;
/** Turning comes to rest at whole degrees. */
const DEGREE = Math.PI / 180;

interface InstrumentViewProps {
  readonly board: LiveBoard;
  readonly look: BoardLook;
  readonly instrument: Instrument;
  readonly onMove: (instrument: Instrument) => void;
}

/** An instrument on the page: its body moves it, its grip turns it (the compass: opens it). Pens are led by its edge. */
export function InstrumentView({ board, look, instrument, onMove }: InstrumentViewProps) {
  const { t } = useTranslation();
  const { kind, at, angle, size } = instrument;
  const held = useRef<{ from: Place; was: Instrument } | null>(null);
  const [x, y] = board.toHost(at);

  const dragging = (how: (was: Instrument, from: Place, to: Place) => Instrument) => ({
    onPointerDown: (event: ReactPointerEvent) => {
      event.stopPropagation();
      if (event.nativeEvent.isTrusted) event.currentTarget.setPointerCapture(event.pointerId);
      held.current = { from: board.toBoard(event.clientX, event.clientY), was: instrument };
    },
    onPointerMove: (event: ReactPointerEvent) => {
      if (held.current)
        onMove(how(held.current.was, held.current.from, board.toBoard(event.clientX, event.clientY)));
    },
    onPointerUp: () => {
      held.current = null;
    },
    onPointerCancel: () => {
      held.current = null;
    },
  });
  const moving = dragging((was, from, to) =>
    withinReach({ ...was, at: [was.at[0] + to[0] - from[0], was.at[1] + to[1] - from[1]] }),
  );
  const turning = dragging((was, from, to) => {
    const turn = direction(was.at, to) - direction(was.at, from);
    const open = Math.max(40, Math.min(520, Math.hypot(to[0] - was.at[0], to[1] - was.at[1])));
    const turned = Math.round((was.angle + turn) / DEGREE) * DEGREE;
    return kind === 'compass'
      ? { ...was, angle: direction(was.at, to), size: open }
      : { ...was, angle: turned };
  });
  const grip = gripOf(instrument);
  return (
    <svg className={styles.instrument} role="img" aria-label={t(`board.instrument.${kind}`)}>
      <g transform={`translate(${x} ${y}) scale(${look.pixels}) rotate(${(angle * 180) / Math.PI})`}>
        <path d={bodyOf(kind, size)} className={styles.body} />
        <path d={holdOf(kind, size)} className={styles.hold} {...moving}>
          <title>{t('board.instrument.move')}</title>
        </path>
        <Scale kind={kind} size={size} />
        <circle cx={grip[0]} cy={grip[1]} r={18} className={styles.grip} />
        <circle
          cx={grip[0]}
          cy={grip[1]}
          r={Math.max(26, 26 / look.pixels)}
          className={styles.reach}
          {...turning}
        >
          <title>{t(kind === 'compass' ? 'board.instrument.open' : 'board.instrument.turn')}</title>
        </circle>
        {kind !== 'compass' && (
          <text x={grip[0]} y={grip[1] + 46} className={styles.numbers} fontSize={24}>
            {Math.round((((-angle / DEGREE) % 360) + 360) % 360)}°
          </text>
        )}
      </g>
    </svg>
  );
}

function direction(from: Place, to: Place): number {
  return Math.atan2(to[1] - from[1], to[0] - from[0]);
}

/** Where the hand turns it, in its own axes. */
function gripOf({ kind, size }: Instrument): Place {
  switch (kind) {
    case 'ruler':
      return [size / 2 - 40, 62];
    case 'square':
      return [size * 0.22, -size * 0.22];
    case 'protractor':
      return [0, -size * 0.62];
    case 'compass':
      return [size, 0];
  }
}

/** In its own axes, the measuring edge along x. */
function bodyOf(kind: Instrument['kind'], size: number): string {
  switch (kind) {
    case 'ruler':
      return `M${-size / 2} 0H${size / 2}V${BODY}H${-size / 2}Z`;
    case 'square':
      return `M0 0H${size}L0 ${-size}ZM60 -60V${-size + 190}L${size - 190} -60Z`;
    case 'protractor':
      return `M${-size} 0A${size} ${size} 0 0 1 ${size} 0V26H${-size}Z`;
    case 'compass':
      return 'M-26 0A26 26 0 1 0 26 0A26 26 0 1 0 -26 0Z';
  }
}

/** Where a hand takes hold of it: not at the edges, which are for pens. */
function holdOf(kind: Instrument['kind'], size: number): string {
  switch (kind) {
    case 'ruler':
      return `M${-size / 2} ${EDGE}H${size / 2}V${BODY}H${-size / 2}Z`;
    case 'square': {
      const leg = size - EDGE * (1 + Math.SQRT2);
      return `M${EDGE} ${-EDGE}H${leg}L${EDGE} ${-leg}Z`;
    }
    case 'protractor': {
      const radius = size - EDGE;
      return `M${-radius} ${-EDGE}A${radius} ${radius} 0 0 1 ${radius} ${-EDGE}Z`;
    }
    case 'compass':
      return bodyOf(kind, size);
  }
}

function Scale({ kind, size }: Pick<Instrument, 'kind' | 'size'>) {
  if (kind === 'protractor') return <Degrees size={size} />;
  if (kind === 'compass') {
    return (
      <>
        <circle r={size} className={styles.edge} strokeDasharray="6 10" />
        <path d={`M0 0H${size}`} className={styles.edge} />
      </>
    );
  }
  const [from, to] = kind === 'ruler' ? [-size / 2, size / 2] : [0, size];
  const count = Math.floor((to - from) / (CENTIMETRE / 10));
  const inward = kind === 'ruler' ? 1 : -1;
  const ticks = Array.from({ length: count + 1 }, (_, i) => {
    const length = i % 10 === 0 ? 26 : i % 5 === 0 ? 18 : 10;
    return `M${from + (i * CENTIMETRE) / 10} 0v${length * inward}`;
  });
  return (
    <>
      <path d={ticks.join('')} className={styles.ticks} />
      {Array.from({ length: Math.floor(count / 10) + 1 }, (_, i) => i).map((cm) => (
        <text
          key={cm}
          x={from + cm * CENTIMETRE}
          y={48 * inward + (inward < 0 ? 8 : 0)}
          className={styles.numbers}
          fontSize={20}
        >
          {cm}
        </text>
      ))}
    </>
  );
}

function Degrees({ size }: { size: number }) {
  const ticks = Array.from({ length: 181 }, (_, degree) => {
    const length = degree % 10 === 0 ? 28 : degree % 5 === 0 ? 20 : 11;
    const [x1, y1] = placeOn([0, 0], -degree * DEGREE, size, 0);
    const [x2, y2] = placeOn([0, 0], -degree * DEGREE, size - length, 0);
    return `M${x1} ${y1}L${x2} ${y2}`;
  });
  return (
    <>
      <path d={`${ticks.join('')}M-12 0H12M0 -12V12`} className={styles.ticks} />
      {Array.from({ length: 19 }, (_, i) => i * 10).map((degrees) => {
        const [x, y] = placeOn([0, 0], -degrees * DEGREE, size - 46, 0);
        return (
          <text key={degrees} x={x} y={y + 6} className={styles.numbers} fontSize={19}>
            {degrees}
          </text>
        );
      })}
    </>
  );
}
