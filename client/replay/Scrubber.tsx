import { type ChangeEvent, type PointerEvent, useRef, useState } from 'react';
import type { Replay } from '../../protocol/replay.ts';
import type { Stretch } from '../../protocol/watching.ts';
import { type Chapter, pageAt } from './chapters.ts';
import { clockText } from './format.ts';
import { useShownTime } from './hooks.ts';
import type { Player } from './player.ts';
import { ScrubPreview } from './ScrubPreview.tsx';
import styles from './Transport.module.css';
import { useWords } from './texts.ts';
import type { Timeline } from './timeline.ts';

interface ScrubberProps {
  readonly player: Player;
  readonly replay: Replay;
  readonly chapters: readonly Chapter[];
  readonly timeline: Timeline;
  readonly watched: readonly Stretch[];
}

/**
 * The lesson as a line. While it is held the board shows what lies under the finger and the voice goes on; the leap is
 * made when it is let go. A mouse over it sees the page of that time without touching it.
 */
export function Scrubber({ player, replay, chapters, timeline, watched }: ScrubberProps) {
  const held = useRef<number | null>(null);
  const [isHeld, setHeld] = useState(false);
  const [over, setOver] = useState<number | null>(null);
  const t = useShownTime(player, 250);
  const { say } = useWords();
  const { from, to } = replay;
  const total = Math.max(1, to - from);
  const share = (at: number): string => `${(((at - from) / total) * 100).toFixed(3)}%`;

  const page = chapters[pageAt(chapters, t)];
  const number = page?.kind === 'page' ? page.number : 1;
  const time = clockText(t - from);

  const onChange = (event: ChangeEvent<HTMLInputElement>) => {
    const at = from + Number(event.target.value);
    if (held.current === null) player.seek(at);
    else {
      held.current = at;
      player.peek(at);
    }
  };
  const onHold = (event: PointerEvent<HTMLInputElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId); // to hear of its end wherever that is
    held.current = player.time();
    setHeld(true);
    setOver(null);
  };
  const onMove = (event: PointerEvent<HTMLInputElement>) => {
    if (event.pointerType !== 'mouse' || held.current !== null) return;
    const box = event.currentTarget.getBoundingClientRect();
    setOver(from + Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * total);
  };
  const onRelease = () => {
    if (held.current !== null) player.seek(held.current);
    held.current = null;
    player.peek(null);
    setHeld(false);
  };
  const shown = isHeld ? t : over;

  return (
    <div className={styles.scrubber} style={{ '--at': share(t) }}>
      <Track {...{ replay, chapters, watched, share }} />
      {shown !== null && <ScrubPreview t={shown} at={share(shown)} {...{ from, chapters, timeline }} />}
      <input
        type="range"
        min={0}
        max={to - from}
        step={1}
        value={Math.round(t - from)}
        aria-label={say('position')}
        aria-valuetext={say('positionValue', { time, total: clockText(total), page: number })}
        onChange={onChange}
        onPointerDown={onHold}
        onPointerMove={onMove}
        onPointerLeave={() => setOver(null)}
        onPointerUp={onRelease}
        onPointerCancel={onRelease}
        onBlur={onRelease}
      />
    </div>
  );
}

interface TrackProps extends Pick<ScrubberProps, 'replay' | 'chapters' | 'watched'> {
  readonly share: (t: number) => string;
}

/** Everything that lies under the thumb. */
function Track({ replay, chapters, watched, share }: TrackProps) {
  const { from, to, gaps } = replay;
  const width = (begin: number, end: number): string => `${((end - begin) / Math.max(1, to - from)) * 100}%`;
  return (
    <div className={styles.track} aria-hidden="true">
      {gaps.map((gap) => (
        <i
          key={gap.from}
          className={styles.gap}
          style={{ insetInlineStart: share(gap.from), width: width(gap.from, gap.to) }}
        />
      ))}
      <i className={styles.played} />
      {watched.map(([begin, end]) => (
        <i
          key={begin}
          className={styles.watched}
          style={{ insetInlineStart: share(begin), width: width(begin, end) }}
        />
      ))}
      {chapters.map((chapter) => (
        <i
          key={`${chapter.kind}${chapter.t}`}
          className={chapter.kind === 'page' ? styles.pageMark : styles.personMark}
          style={{ insetInlineStart: share(chapter.t) }}
        />
      ))}
    </div>
  );
}
