import { useTranslation } from 'react-i18next';
import { Dialog } from '../../ui/Dialog.tsx';
import styles from './Shortcuts.module.css';

const KEYS = [
  ['pen', 'P'],
  ['highlighter', 'H'],
  ['eraser', 'E'],
  ['laser', 'L'],
  ['select', 'S'],
  ['text', 'T'],
  ['shape', 'X'],
  ['undo', 'Ctrl', 'Z'],
  ['redo', 'Ctrl', 'Y'],
  ['previous', 'Page Up'],
  ['next', 'Page Down'],
  ['microphone', 'M'],
  ['help', '?'],
] as const;

export function Shortcuts({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={t('teach.shortcuts.title')}>
      <dl className={styles.list}>
        {KEYS.map(([action, ...keys]) => (
          <div key={action} className={styles.row}>
            <dt>{t(`teach.shortcuts.${action}`)}</dt>
            <dd>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
