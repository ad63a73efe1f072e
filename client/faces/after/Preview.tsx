import { Pause, Play } from 'lucide-react';
import { type RefObject, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LogEntry } from '../../../protocol/events.ts';
import { redact } from '../../../protocol/redact.ts';
import type { Replay } from '../../../protocol/replay.ts';
import type { ReplayEdit } from '../../../protocol/replay-edit.ts';
import { attachHls } from '../../replay/hls.ts';
import { onFrame, usePlayerView, useShownTime, useTimeline } from '../../replay/hooks.ts';
import { Look } from '../../replay/look.ts';
import { pausesOf } from '../../replay/pauses.ts';
import { Player } from '../../replay/player.ts';
import { ReplayBoard } from '../../replay/ReplayBoard.tsx';
import { firstChoice } from '../../replay/renditions.ts';
import { IconButton } from '../../ui/IconButton.tsx';
import { duration } from '../../ui/time.ts';
import styles from './After.module.css';

interface PreviewProps {
  readonly replay: Replay;
  readonly entries: readonly LogEntry[];
  readonly edit: ReplayEdit;
  /** Where a passage to be hidden has been begun. */
  readonly mark: number | null;
  readonly onPlayer: (player: Player | null) => void;
}

/** The lesson as it would be watched if this edit were saved. */
export function Preview({ replay, entries, edit, mark, onPlayer }: PreviewProps) {
  const root = useRef<HTMLDivElement>(null);
  const media = useRef<HTMLVideoElement>(null);
  const shown = useMemo(() => redact(entries, edit), [entries, edit]);
  const timeline = useTimeline(shown);
  const [look] = useState(() => new Look());
  const player = usePreviewPlayer(media, replay, shown, edit);
  useEffect(() => onPlayer(player), [player, onPlayer]);
  return (
    <section ref={root} className={styles.preview}>
      <div className={styles.board}>
        {player && <ReplayBoard player={player} timeline={timeline} look={look} root={root} />}
      </div>
      {/* biome-ignore lint/a11y/useMediaCaption: only its sound is used, of a lesson whose captions are elsewhere */}
      <video ref={media} className={styles.media} playsInline preload="auto" />
      {player && <Line player={player} replay={replay} edit={edit} mark={mark} />}
    </section>
  );
}

/** What is left out before the beginning, after the end and in hidden passages is stepped over. */
function pausesFor(replay: Replay, shown: readonly LogEntry[], edit: ReplayEdit) {
  const { from, to } = replay;
  return [
    ...(edit.from === null ? [] : [{ from, to: Math.min(edit.from, to) }]),
    ...pausesOf(replay, shown),
    ...edit.hidden.filter(({ participant }) => participant === undefined),
    ...(edit.to === null ? [] : [{ from: Math.max(edit.to, from), to }]),
  ].filter((pause) => pause.from < pause.to);
}

function usePreviewPlayer(
  media: RefObject<HTMLVideoElement | null>,
  replay: Replay,
  shown: readonly LogEntry[],
  edit: ReplayEdit,
): Player | null {
  const [player, setPlayer] = useState<Player | null>(null);
  const pauses = useMemo(() => pausesFor(replay, shown, edit), [replay, shown, edit]);
  // Another rendition is another clock: what it plays is what was made by the same cut.
  const source = replay.renditions.map(({ url }) => url).join(' ');
  // biome-ignore lint/correctness/useExhaustiveDependencies: a changed edit is for `update`, not for a new player
  useEffect(() => {
    if (!media.current) return;
    const made = new Player({
      ...{ media: media.current, replay, pauses, startAt: replay.from, rate: 1 },
      watching: firstChoice(replay, 'voice'),
      attach: attachHls(media.current, null),
      now: () => performance.now(),
    });
    setPlayer(made);
    const stop = onFrame(made, () => made.tick());
    return () => {
      stop();
      made.close();
      setPlayer(null);
    };
  }, [replay.lesson, source]);
  useEffect(() => player?.update(replay, pauses), [player, replay, pauses]);
  return player;
}

interface LineProps {
  readonly player: Player;
  readonly replay: Replay;
  readonly edit: ReplayEdit;
  readonly mark: number | null;
}

/** The lesson as a line, with what the edit does to it. */
function Line({ player, replay, edit, mark }: LineProps) {
  const { t } = useTranslation();
  const view = usePlayerView(player);
  const now = useShownTime(player, 200);
  const { from, to } = replay;
  const total = Math.max(1, to - from);
  const share = (at: number): string => `${((Math.min(to, Math.max(from, at)) - from) / total) * 100}%`;
  const span = (a: number, b: number) => ({
    insetInlineStart: share(a),
    width: `calc(${share(b)} - ${share(a)})`,
  });
  const text = duration(now - from);
  return (
    <div className={styles.line}>
      <IconButton
        icon={view.playing ? Pause : Play}
        label={t(view.playing ? 'after.previewPause' : 'after.previewPlay')}
        placement="top"
        onPress={() => player.toggle()}
      />
      <div className={styles.track}>
        <div className={styles.marks} aria-hidden>
          {edit.from !== null && <i className={styles.cut} style={span(from, edit.from)} />}
          {edit.to !== null && <i className={styles.cut} style={span(edit.to, to)} />}
          {edit.hidden.map((one) => (
            <i
              key={one.id}
              className={one.participant === undefined ? styles.cut : styles.muted}
              style={span(one.from, one.to)}
            />
          ))}
          {mark !== null && (
            <i className={styles.cut} style={span(Math.min(mark, now), Math.max(mark, now))} />
          )}
          {edit.splits.map((at) => (
            <i key={at} className={styles.splitMark} style={{ insetInlineStart: share(at) }} />
          ))}
          {edit.chapters.map(({ t: at }) => (
            <i key={at} className={styles.nameMark} style={{ insetInlineStart: share(at) }} />
          ))}
        </div>
        <input
          type="range"
          min={from}
          max={to}
          step={100}
          value={Math.round(now)}
          aria-label={t('after.position')}
          aria-valuetext={text}
          onChange={(event) => player.seek(Number(event.target.value))}
        />
      </div>
      <output className={styles.clock}>{`${text} / ${duration(total)}`}</output>
    </div>
  );
}
