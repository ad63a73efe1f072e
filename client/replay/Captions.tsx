import { type Cue, cuesAt } from './captions.ts';
import { useShownTime } from './hooks.ts';
import type { Player } from './player.ts';
import styles from './Stage.module.css';

/** What is being said, in letters over the board's lower edge. Read by eyes: screen readers hear the voice itself. */
export function Captions({ player, cues }: { readonly player: Player; readonly cues: readonly Cue[] }) {
  const t = useShownTime(player, 100);
  const said = cuesAt(cues, t);
  if (said.length === 0) return null;
  return (
    <p className={styles.captions} data-captions>
      {said.map((cue) => (
        <span key={`${cue.from}${cue.text}`}>{cue.text}</span>
      ))}
    </p>
  );
}
