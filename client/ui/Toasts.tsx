import { Info, TriangleAlert, X } from 'lucide-react';
import { createContext, type ReactNode, useCallback, useContext, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from './IconButton.tsx';
import styles from './Toasts.module.css';
import { useErrorText } from './useErrorText.ts';

interface Toast {
  readonly id: number;
  readonly tone: 'info' | 'error';
  readonly text: string;
}

interface Tell {
  readonly info: (text: string) => void;
  /** Anything caught: it becomes the sentence for its code. */
  readonly error: (error: unknown) => void;
}

const TellContext = createContext<Tell>({ info: () => {}, error: () => {} });

/** Says something in passing. What a person must act upon belongs in a Notice at its place. */
export function useTell(): Tell {
  return useContext(TellContext);
}

/** Long enough to read two sentences, milliseconds. */
const STAYS = 8000;
const AT_ONCE = 3;

export function Toasts({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [toasts, setToasts] = useState<readonly Toast[]>([]);
  const count = useRef(0);

  const close = useCallback((id: number) => setToasts((all) => all.filter((toast) => toast.id !== id)), []);
  const add = useCallback(
    (tone: Toast['tone'], text: string) => {
      const id = ++count.current;
      // The same sentence again replaces itself: ten refused strokes are one message.
      setToasts((all) => [...all.filter((toast) => toast.text !== text), { id, tone, text }].slice(-AT_ONCE));
      setTimeout(() => close(id), STAYS);
    },
    [close],
  );
  const tell = useMemo<Tell>(
    () => ({ info: (text) => add('info', text), error: (error) => add('error', errorText(error)) }),
    [add, errorText],
  );

  return (
    <TellContext value={tell}>
      {children}
      <div className={styles.toasts} role="log" aria-live="polite">
        {toasts.map(({ id, tone, text }) => (
          <div key={id} className={styles.toast} data-tone={tone}>
            {tone === 'error' ? <TriangleAlert aria-hidden size={22} /> : <Info aria-hidden size={22} />}
            <p>{text}</p>
            <IconButton icon={X} label={t('action.close')} placement="left" onPress={() => close(id)} />
          </div>
        ))}
      </div>
    </TellContext>
  );
}
