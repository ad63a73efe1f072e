import { useEffect, useRef, useState } from 'react';
import type { RenditionState, Replay } from '../../protocol/replay.ts';
import { Button } from '../ui/Button.tsx';
import { Notice } from '../ui/Notice.tsx';
import { sizeText } from './format.ts';
import { usePlayerView } from './hooks.ts';
import styles from './Messages.module.css';
import { keepHabits } from './memory.ts';
import type { Player } from './player.ts';
import { playedAs } from './renditions.ts';
import { useWords } from './texts.ts';

interface MessagesProps {
  readonly player: Player;
  readonly replay: Replay;
  readonly stale: boolean;
  /** Watched from this device, without a network. */
  readonly away: boolean;
}

/** What the watcher should know just now: a trouble first, then what is still being made, then what has become ready. */
export function Messages({ player, replay, stale, away }: MessagesProps) {
  const view = usePlayerView(player);
  const { say } = useWords();
  const percent = Math.round(replay.state.progress * 100);
  const voice = playedAs(replay, 'voice') ? 'ready' : replay.state.voice;
  return (
    <div className={styles.messages}>
      {view.trouble === 'network' && <Notice tone="warning">{say('troubleNetwork')}</Notice>}
      {view.trouble === 'away' && (
        <Notice tone="warning" action={<Button onPress={() => player.watch('ink')}>{say('inkOnly')}</Button>}>
          {say('troubleAway')}
        </Notice>
      )}
      {view.tooMuch && (
        <Notice action={<Button onPress={() => player.watch('picture')}>{say('show')}</Button>}>
          {say('pictureTooMuch')}
        </Notice>
      )}
      {view.trouble === 'gone' && <Notice>{say('troubleGone')}</Notice>}
      {view.trouble === 'coming' && <Notice>{say('troubleComing')}</Notice>}
      {view.trouble === 'format' && (
        <Notice tone="error" action={<Button onPress={() => player.watch('ink')}>{say('inkOnly')}</Button>}>
          {say('troubleFormat')}
        </Notice>
      )}
      {view.trouble === 'blocked' && (
        <Notice action={<Button onPress={() => player.play()}>{say('play')}</Button>}>
          {say('troubleBlocked')}
        </Notice>
      )}
      {(voice === 'waiting' || voice === 'working') && view.watching === 'ink' && (
        <Notice>
          {say('voiceWaiting', { percent })}
          <progress className={styles.progress} max={1} value={replay.state.progress} />
        </Notice>
      )}
      {voice === 'failed' && <Notice tone="warning">{say('voiceFailed')}</Notice>}
      {away && <Notice>{say('keptPlaying')}</Notice>}
      {stale && <Notice tone="warning">{say('stale')}</Notice>}
      <Offer player={player} replay={replay} kind="voice" />
      <Offer player={player} replay={replay} kind="picture" />
    </div>
  );
}

/** Something became ready while one was watching: offered, never switched to. */
function Offer({ player, replay, kind }: { player: Player; replay: Replay; kind: 'voice' | 'picture' }) {
  const { watching } = usePlayerView(player);
  const { say } = useWords();
  const rendition = playedAs(replay, kind);
  const state: RenditionState = rendition ? 'ready' : replay.state[kind];
  const first = useRef(state);
  const [answered, setAnswered] = useState(false);
  const wanted = first.current !== 'ready' && watching !== kind && watching !== 'picture';
  useEffect(() => {
    if (watching === kind) setAnswered(true);
  }, [watching, kind]);
  if (!rendition || answered || !wanted) return null;
  const accept = () => {
    player.watch(kind);
    keepHabits({ watching: kind });
  };
  return (
    <Notice
      tone="good"
      action={
        <div className={styles.actions}>
          <Button look="primary" onPress={accept}>
            {say(kind === 'voice' ? 'listen' : 'show')}
          </Button>
          <Button look="quiet" onPress={() => setAnswered(true)}>
            {say('notNow')}
          </Button>
        </div>
      }
    >
      {say(kind === 'voice' ? 'voiceReady' : 'pictureReady', { size: sizeText(rendition.bytes) })}
    </Notice>
  );
}
