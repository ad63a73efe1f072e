import { type RefObject, useContext, useEffect, useRef, useState } from 'react';
import { type Board, pageOf, shownPages } from '../../protocol/board.ts';
import type { LogEntry } from '../../protocol/events.ts';
import { digest } from '../../protocol/lesson.ts';
import { LASER_FADE_MS, type LaserBatch, laserBatch } from '../board/laser.ts';
import { LessonFiles } from '../board/lesson-files.ts';
import { loadBoard } from '../board/load.ts';
import { inkAhead, LOOK_AHEAD_MS } from '../board/look-ahead.ts';
import type { BoardRenderer } from '../board/renderer.ts';
import { WHOLE } from '../board/viewport.ts';
import { Button } from '../ui/Button.tsx';
import { onFrame, useShownTime } from './hooks.ts';
import type { Look } from './look.ts';
import type { Player } from './player.ts';
import type { PlayerView } from './player-types.ts';
import styles from './Stage.module.css';
import { useWords } from './texts.ts';
import type { Timeline } from './timeline.ts';

/** While it plays the digest is taken this often at most, milliseconds: that of a full board takes some on a phone. */
const DIGEST_EVERY_MS = 250;

interface ReplayBoardProps {
  readonly player: Player;
  readonly timeline: Timeline;
  readonly look: Look;
  /** Told what is shown: see `Watch`. */
  readonly root: RefObject<HTMLElement | null>;
}

export function ReplayBoard({ player, timeline, look, root }: ReplayBoardProps) {
  const element = useRef<HTMLDivElement>(null);
  // What draws the board is a chunk of its own, and a thin link may lose it.
  const [load, setLoad] = useState({ tries: 1, failed: false });
  const lesson = useContext(LessonFiles);
  const { say } = useWords();
  const shown = timeline.at(useShownTime(player, 1000)).board;

  useEffect(() => {
    const tell = teller(player, timeline);
    return onFrame(player, (t) => root.current && tell(root.current, t));
  }, [player, timeline, root]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: tried again when asked to
  useEffect(() => {
    let stop: (() => void) | null = null;
    let closed = false;
    loadBoard().then(
      ({ BoardRenderer }) => {
        if (closed || !element.current) return;
        const renderer = new BoardRenderer(element.current, lesson);
        const draw = drawer(renderer, timeline, look);
        const stopFrames = onFrame(player, draw);
        const stopLook = look.subscribe(() => draw(player.shownTime()));
        stop = () => {
          stopFrames();
          stopLook();
          renderer.close();
        };
      },
      () => setLoad((before) => ({ ...before, failed: true })),
    );
    return () => {
      closed = true;
      stop?.();
    };
  }, [player, timeline, look, lesson, load.tries]);

  const page = shownPages(shown).findIndex(({ id }) => id === shown.current) + 1;
  return (
    <>
      <div ref={element} className={styles.board} role="img" aria-label={say('board', { page })} />
      {load.failed && (
        <div className={styles.over}>
          <p role="alert">{say('offlineTitle')}</p>
          <Button onPress={() => setLoad(({ tries }) => ({ tries: tries + 1, failed: false }))}>
            {say('retry')}
          </Button>
        </div>
      )}
    </>
  );
}

/** Draws the board as it looked at a time, strokes half drawn and the laser still glowing. */
function drawer(renderer: BoardRenderer, timeline: Timeline, look: Look): (t: number) => void {
  let drawn: { count: number; until: number; board: Board } | null = null;
  return (t) => {
    const count = timeline.countUntil(t);
    const until = timeline.countUntil(t + LOOK_AHEAD_MS);
    // The same entries make the same board: the renderer then knows that nothing but time has changed.
    if (drawn?.count !== count || drawn.until !== until) {
      const ahead = timeline.entries.slice(count, until);
      drawn = { count, until, board: inkAhead(timeline.at(t).board, ahead, t) };
    }
    const { board } = drawn;
    const page = pageOf(board, board.current);
    const glowing = timeline.between(t - LASER_FADE_MS, t + LOOK_AHEAD_MS);
    if (!page) return;
    look.teacherAt(page.view ?? WHOLE);
    const view = look.view() ?? undefined;
    renderer.show(page, { time: t, laser: lasers(glowing, page.id), veiled: board.veiled, view });
  };
}

function lasers(entries: readonly LogEntry[], page: string): LaserBatch[] {
  return entries.flatMap((entry) =>
    entry.event.type === 'laser.moved' && entry.event.page === page ? (laserBatch(entry) ?? []) : [],
  );
}

/** Writes on the root what instant is shown: time and digest always belong together. */
function teller(player: Player, timeline: Timeline): (root: HTMLElement, t: number) => void {
  let board: Board | null = null;
  let text = '';
  let takenAt = Number.NEGATIVE_INFINITY;
  return (root, t) => {
    const view = player.view();
    const shown = timeline.at(t).board;
    const now = performance.now();
    if (shown !== board && (!view.playing || now - takenAt >= DIGEST_EVERY_MS)) {
      board = shown;
      text = digest(shown);
      takenAt = now;
    }
    root.dataset.time = String(Math.floor(t));
    root.dataset.state = stateOf(view);
    root.dataset.watching = view.watching;
    if (shown === board) root.dataset.digest = text;
    else delete root.dataset.digest;
  };
}

function stateOf(view: PlayerView): 'ended' | 'waiting' | 'playing' | 'paused' {
  if (view.ended) return 'ended';
  if (view.waiting) return 'waiting';
  return view.playing ? 'playing' : 'paused';
}
