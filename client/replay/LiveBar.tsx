import { Radio } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { Replay } from '../../protocol/replay.ts';
import { Badge } from '../ui/Badge.tsx';
import { LinkButton } from '../ui/LinkButton.tsx';
import { clockText } from './format.ts';
import type { Player } from './player.ts';
import { useWords } from './texts.ts';
import styles from './Watch.module.css';

interface LiveBarProps {
  readonly player: Player | null;
  readonly replay: Replay;
  readonly live: { readonly now: number };
}

const TICK_MS = 1000;

/** The lesson still goes on: how far behind one is, and one touch to be there. */
export function LiveBar({ player, replay, live }: LiveBarProps) {
  const { say } = useWords();
  const behind = useBehind(player, live.now);
  const face = replay.part === 'lead' ? 'teach' : 'seat';
  return (
    <div className={styles.live}>
      <Badge tone="live" pulse>
        {say('live')}
      </Badge>
      {behind !== null && (
        <span className={styles.behind}>{say('liveBehind', { time: clockText(behind) })}</span>
      )}
      <LinkButton to={`/${face}/${replay.lesson}`} icon={Radio}>
        {say('liveJoin')}
      </LinkButton>
    </div>
  );
}

/** Milliseconds; null while nothing plays yet. `now` is the lesson's clock as of the last manifest. */
function useBehind(player: Player | null, now: number): number | null {
  const [behind, setBehind] = useState<number | null>(null);
  useEffect(() => {
    if (!player) return;
    const since = performance.now();
    const tell = () => setBehind(now + performance.now() - since - player.time());
    tell();
    const timer = setInterval(tell, TICK_MS);
    return () => clearInterval(timer);
  }, [player, now]);
  return behind;
}
