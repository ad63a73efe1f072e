import { Captions as CaptionsIcon, CaptionsOff } from 'lucide-react';
import { Button } from '../ui/Button.tsx';
import { Menu } from '../ui/Menu.tsx';
import type { CaptionChoice } from './captions.ts';
import styles from './Transport.module.css';
import { useWords } from './texts.ts';

const OFF = 'off';

/** Which captions are shown, where the lesson has any. */
export function CaptionMenu({ captions }: { readonly captions: CaptionChoice }) {
  const { say } = useWords();
  const { tracks, shown, choose } = captions;
  if (tracks.length === 0) return null;
  const choices = [
    { id: OFF, text: say('captionsOff'), onChoose: () => choose(null) },
    ...tracks.map(({ id, label, language }) => ({
      ...{ id, text: label, lang: language },
      onChoose: () => choose(id),
    })),
  ];
  return (
    <Menu
      label={say('captions')}
      parts={[{ id: 'captions', title: say('captions'), chosen: shown?.id ?? OFF, choices }]}
    >
      <Button
        look="quiet"
        className={styles.chooser}
        icon={shown ? CaptionsIcon : CaptionsOff}
        aria-label={`${say('captions')}: ${shown?.label ?? say('captionsOff')}`}
        aria-keyshortcuts="c"
      >
        <span className={styles.word}>{say('captions')}</span>
      </Button>
    </Menu>
  );
}
