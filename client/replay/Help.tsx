import { Dialog } from '../ui/Dialog.tsx';
import styles from './Help.module.css';
import type { WatchText } from './i18n.ts';
import { useWords } from './texts.ts';

const KEYS: readonly (readonly [keys: readonly string[], WatchText])[] = [
  [['␣', 'K'], 'helpPlay'],
  [['←', '→'], 'helpStep'],
  [['J', 'L'], 'helpLeap'],
  [['0', '…', '9'], 'helpTenths'],
  [['PgUp', 'PgDn'], 'helpPages'],
  [['Home', 'End'], 'helpEnds'],
  [['<', '>'], 'helpSpeed'],
  [['C'], 'helpCaptions'],
  [['+', '−', 'V'], 'helpLook'],
  [['N'], 'helpNote'],
  [['/'], 'helpSearch'],
  [['F'], 'fullscreen'],
  [['?'], 'helpThis'],
];

interface HelpProps {
  readonly isOpen: boolean;
  /** Guests have none, and no key for them. */
  readonly hasNotes: boolean;
  readonly onClose: () => void;
}

export function Help({ isOpen, hasNotes, onClose }: HelpProps) {
  const { say } = useWords();
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={say('help')}>
      <dl className={styles.keys}>
        {KEYS.filter(([, text]) => hasNotes || text !== 'helpNote').map(([keys, text]) => (
          <div key={text}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{say(text)}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
