import { ArrowLeft, Play, RotateCcw, SkipBack, SkipForward } from 'lucide-react';
import { useEffect } from 'react';
import { useNavigate } from 'react-router';
import type { Replay } from '../../protocol/replay.ts';
import { Button } from '../ui/Button.tsx';
import { LinkButton } from '../ui/LinkButton.tsx';
import { clockText } from './format.ts';
import { usePlayerView, useShownTime } from './hooks.ts';
import { partAfter } from './parts.tsx';
import type { Player } from './player.ts';
import { Spinner } from './Spinner.tsx';
import styles from './Stage.module.css';
import { useWords } from './texts.ts';

interface StageProps {
  readonly player: Player;
  readonly replay: Replay;
  readonly begun: boolean;
  /** There is no application to go back to. */
  readonly isAlone: boolean;
  readonly onBegun: (begun: boolean) => void;
}

/** What lies over the board: nothing but a surface to touch while it plays; the way in, waiting, and the end. */
export function Stage({ player, replay, begun, isAlone, onBegun }: StageProps) {
  const view = usePlayerView(player);
  const { say } = useWords();
  useEffect(() => {
    if (view.playing) onBegun(true);
  }, [view.playing, onBegun]);

  if (view.ended) return <End {...{ player, replay, isAlone }} />;
  if (!begun) return <Begin player={player} replay={replay} />;
  return (
    <>
      {/* The board as a large play button, as on every player; keyboards have the button and the space bar. */}
      <button
        type="button"
        className={styles.surface}
        tabIndex={-1}
        aria-hidden="true"
        onClick={() => player.toggle()}
      />
      {view.waiting && (
        <div className={styles.waiting} role="status">
          {!view.atEdge && <Spinner small />}
          {say(view.atEdge ? 'liveEdge' : 'buffering')}
        </div>
      )}
    </>
  );
}

function Begin({ player, replay }: { player: Player; replay: Replay }) {
  const { say } = useWords();
  const at = useShownTime(player, 1000);
  const resumes = at > replay.from;
  const begin = (t: number) => {
    player.seek(t);
    player.play();
  };
  return (
    <div className={styles.over}>
      <Button look="primary" size="large" icon={Play} onPress={() => player.play()}>
        {resumes ? say('resume', { time: clockText(at - replay.from) }) : say('begin')}
      </Button>
      {resumes && (
        <Button icon={SkipBack} onPress={() => begin(replay.from)}>
          {say('fromStart')}
        </Button>
      )}
    </div>
  );
}

function End({ player, replay, isAlone }: Pick<StageProps, 'player' | 'replay' | 'isAlone'>) {
  const { say } = useWords();
  const navigate = useNavigate();
  const next = partAfter(replay, replay.to);
  return (
    <div className={styles.over}>
      <p role="status" className={styles.ended}>
        {say(next ? 'endedPart' : 'ended')}
      </p>
      {next && (
        <LinkButton to={next} look="primary" size="large" icon={SkipForward}>
          {say('partNext')}
        </LinkButton>
      )}
      <Button
        look={next ? 'plain' : 'primary'}
        size={next ? 'medium' : 'large'}
        icon={RotateCcw}
        onPress={() => player.play()}
      >
        {say('again')}
      </Button>
      {!isAlone && (
        <Button icon={ArrowLeft} onPress={() => void navigate('/')}>
          {say('back')}
        </Button>
      )}
    </div>
  );
}
