import { BringToFront, Copy, Pencil, RotateCw, SendToBack, Trash2 } from 'lucide-react';
import {
  type PointerEvent as ReactPointerEvent,
  useEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import { useTranslation } from 'react-i18next';
import { markOf, pageOf } from '../../../protocol/board.ts';
import type { Matrix, Place } from '../../../protocol/board-events.ts';
import type { LiveBoard } from '../../board/live-board.ts';
import { IDENTITY, turnedAround } from '../../board/matrix.ts';
import { classes } from '../../ui/classes.ts';
import { IconButton } from '../../ui/IconButton.tsx';
import type { Live } from '../live/Lesson.tsx';
import styles from './Board.module.css';
import { PlotDialog, type Plotted } from './PlotDialog.tsx';

/** Turning comes to rest at these. */
const TURN_STEP = Math.PI / 12;
const TURN_NEAR = Math.PI / 60;
/** Not smaller than this in one pull. */
const SMALLEST = 0.05;
const NUDGE = 4;
/** From the frame to what floats beside it, CSS pixels. */
const GAP = 34;

type Pull = (from: Place, to: Place) => Matrix;

/** Around what is selected: inside it moves, at the corners it grows, at the top it turns. */
export function SelectionFrame({ board, live }: { board: LiveBoard; live: Live }) {
  const { t } = useTranslation();
  const [changed, setChanged] = useState<Plotted | null>(null);
  const { selection } = board;
  const selected = useSyncExternalStore(selection.subscribe, selection.selected);
  const start = useRef<{ place: Place; box: NonNullable<typeof selected>['box'] } | null>(null);
  useSelectionKeys(board, selected !== null);
  if (!selected) return null;
  const [left, top] = board.toHost([selected.box.left, selected.box.top]);
  const [right, bottom] = board.toHost([selected.box.right, selected.box.bottom]);

  /** Holds the selection while the pointer is down, by what `pull` makes of its way. */
  const pulling = (pull: (box: NonNullable<typeof selected>['box']) => Pull) => ({
    onPointerDown: (event: ReactPointerEvent) => {
      event.stopPropagation();
      if (event.nativeEvent.isTrusted) event.currentTarget.setPointerCapture(event.pointerId);
      start.current = { place: board.toBoard(event.clientX, event.clientY), box: selected.box };
    },
    onPointerMove: (event: ReactPointerEvent) => {
      const { current } = start;
      if (!current) return;
      selection.hold(pull(current.box)(current.place, board.toBoard(event.clientX, event.clientY)));
    },
    onPointerUp: () => {
      if (start.current) selection.drop();
      start.current = null;
    },
    onPointerCancel: () => {
      start.current = null;
      selection.hold(IDENTITY);
      selection.drop();
    },
  });
  const corner = (x: 'left' | 'right', y: 'top' | 'bottom') => ({
    style: { left: x === 'left' ? left : right, top: y === 'top' ? top : bottom },
    ...pulling((box) => {
      const anchor: Place = [x === 'left' ? box.right : box.left, y === 'top' ? box.bottom : box.top];
      return (from, to) =>
        turnedAround(anchor, 0, Math.max(SMALLEST, far(anchor, to) / (far(anchor, from) || 1)));
    }),
  });
  const above = top > 64;
  return (
    <>
      <div
        className={styles.frame}
        style={{ left, top, width: right - left, height: bottom - top }}
        {...pulling(() => (from, to) => [1, 0, 0, 1, to[0] - from[0], to[1] - from[1]])}
      />
      {CORNERS.map(([x, y]) => (
        <button
          key={x + y}
          type="button"
          tabIndex={-1}
          className={styles.handle}
          aria-label={t('board.selection.scale')}
          {...corner(x, y)}
        />
      ))}
      <button
        type="button"
        tabIndex={-1}
        className={classes(styles.handle, styles.turn)}
        aria-label={t('board.selection.rotate')}
        style={{ left: board.isInSight(right + GAP) ? right + GAP : left - GAP, top: (top + bottom) / 2 }}
        {...pulling((box) => {
          const middle: Place = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
          return (from, to) => turnedAround(middle, resting(angle(middle, to) - angle(middle, from)), 1);
        })}
      >
        <RotateCw aria-hidden size={32} />
      </button>
      <div
        role="toolbar"
        aria-label={t('board.selection.label')}
        className={styles.bar}
        style={{ left: Math.max(4, left), top: above ? top - 62 : bottom + 12 }}
      >
        {plottedOf(live.state, selected.ids) && (
          <IconButton
            icon={Pencil}
            label={t('board.selection.change')}
            onPress={() => setChanged(plottedOf(live.session.view().state ?? live.state, selected.ids))}
          />
        )}
        <IconButton icon={Copy} label={t('board.selection.copy')} onPress={() => selection.copy()} />
        <IconButton
          icon={BringToFront}
          label={t('board.selection.front')}
          onPress={() => selection.order('front')}
        />
        <IconButton
          icon={SendToBack}
          label={t('board.selection.back')}
          onPress={() => selection.order('back')}
        />
        <IconButton icon={Trash2} label={t('board.selection.delete')} onPress={() => selection.erase()} />
      </div>
      <PlotDialog
        live={live}
        kind={changed?.content.kind ?? null}
        plotted={changed}
        onClose={() => setChanged(null)}
      />
    </>
  );
}

/** The graph or number line that is selected, and nothing besides. */
function plottedOf(state: Live['state'], [id, ...others]: readonly string[]): Plotted | null {
  const page = pageOf(state.board, state.board.current);
  const mark = page && id !== undefined && others.length === 0 ? markOf(page, id) : undefined;
  if (!mark || !('content' in mark)) return null;
  const { content } = mark;
  return content.kind === 'graph' || content.kind === 'numberline' ? { id: mark.id, content } : null;
}

const CORNERS = [
  ['left', 'top'],
  ['right', 'top'],
  ['right', 'bottom'],
  ['left', 'bottom'],
] as const;

function useSelectionKeys({ selection }: LiveBoard, isOn: boolean) {
  useEffect(() => {
    if (!isOn) return;
    const onKey = (event: KeyboardEvent) => {
      const { target, key } = event;
      if (target instanceof Element && target.closest('input, textarea, select, [role="dialog"]')) return;
      const nudge = NUDGES[key];
      const isCopy = (event.ctrlKey || event.metaKey) && key.toLowerCase() === 'd';
      if (nudge) selection.move([1, 0, 0, 1, ...nudge]);
      else if (key === 'Delete' || key === 'Backspace') selection.erase();
      else if (key === 'Escape') selection.clear();
      else if (isCopy) selection.copy();
      else return;
      event.preventDefault();
      event.stopPropagation();
    };
    document.addEventListener('keydown', onKey, { capture: true });
    return () => document.removeEventListener('keydown', onKey, { capture: true });
  }, [selection, isOn]);
}

const NUDGES: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-NUDGE, 0],
  ArrowRight: [NUDGE, 0],
  ArrowUp: [0, -NUDGE],
  ArrowDown: [0, NUDGE],
};

function far(a: Place, b: Place): number {
  return Math.hypot(b[0] - a[0], b[1] - a[1]);
}

function angle(from: Place, to: Place): number {
  return Math.atan2(to[1] - from[1], to[0] - from[0]);
}

function resting(turn: number): number {
  const nearest = Math.round(turn / TURN_STEP) * TURN_STEP;
  return Math.abs(turn - nearest) < TURN_NEAR ? nearest : turn;
}
