import { type ChangeEvent, type PointerEvent, useRef, useState } from 'react';
import type { Replay } from '../../protocol/replay.ts';
import { type Chapter, pageAt } from './chapters.ts';
import { clockText } from './format.ts';
import { useShownTime } from './hooks.ts';
import type { Player } from './player.ts';
import styles from './Transport.module.css';
import { useWords } from './texts.ts';

interface ScrubberProps {
  readonly player: Player;
  readonly replay: Replay;
  readonly chapters: readonly Chapter[];
}

/**
 * The lesson as a line. While it is held the board shows what lies under the finger and the voice goes on; the leap is
 * made when it is let go.
 */
export function Scrubber({ player, replay, chapters }: ScrubberProps) {
  const held = useRef<number | null>(null);
  const [bubble, setBubble] = useState(false);
  const t = useShownTime(player, 250);
  const { say } = useWords();
  const total = Math.max(1, replay.to - replay.from);
  const share = (at: number): string => `${(((at - replay.from) / total) * 100).toFixed(3)}%`;

  const page = chapters[pageAt(chapters, t)];
  const number = page?.kind === 'page' ? page.number : 1;
  const time = clockText(t - replay.from);

  const onChange = (event: ChangeEvent<HTMLInputElement>) => {
    const to = replay.from + Number(event.target.value);
    if (held.current === null) player.seek(to);
    else {
      held.current = to;
      player.peek(to);
    }
  };
  const onHold = (event: PointerEvent<HTMLInputElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId); // to hear of its end wherever that is
    held.current = player.time();
    setBubble(true);
  };
  const onRelease = () => {
    if (held.current !== null) player.seek(held.current);
    held.current = null;
    player.peek(null);
    setBubble(false);
  };

  return (
    <div className={styles.scrubber} style={{ '--at': share(t) }}>
      <div className={styles.track} aria-hidden="true">
        {replay.gaps.map((gap) => (
          <i
            key={gap.from}
            className={styles.gap}
            style={{ insetInlineStart: share(gap.from), width: `${((gap.to - gap.from) / total) * 100}%` }}
          />
        ))}
        <i className={styles.played} />
        {chapters.map((chapter) => (
          <i
            key={`${chapter.kind}${chapter.t}`}
            className={chapter.kind === 'page' ? styles.pageMark : styles.personMark}
            style={{ insetInlineStart: share(chapter.t) }}
          />
        ))}
      </div>
      {bubble && (
        <output className={styles.bubble}>
          {time} · {say('chapterPage', { number })}
        </output>
      )}
      <input
        type="range"
        min={0}
        max={replay.to - replay.from}
        step={1}
        value={Math.round(t - replay.from)}
        aria-label={say('position')}
        aria-valuetext={say('positionValue', { time, total: clockText(total), page: number })}
        onChange={onChange}
        onPointerDown={onHold}
        onPointerUp={onRelease}
        onPointerCancel={onRelease}
        onBlur={onRelease}
      />
    </div>
  );
}
