import { type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { Button } from '../../ui/Button.tsx';
import { useWords } from '../texts.ts';
import styles from './Notes.module.css';

interface NoteFormProps {
  readonly label: string;
  readonly action: string;
  readonly limit: number;
  readonly text?: string;
  /** The one that the key `n` goes to. */
  readonly isNew?: boolean;
  /** Said when one begins to write, and when all of it is taken away again. */
  readonly onBegin?: () => void;
  readonly onEmpty?: () => void;
  readonly onKeep: (text: string) => void;
  readonly onCancel?: () => void;
  readonly children?: ReactNode;
}

/** A few lines of text, `limit` characters at most. Ctrl or Command and Enter keep them. */
export function NoteForm(props: NoteFormProps) {
  const { label, action, limit, isNew = false, onBegin, onEmpty, onKeep, onCancel, children } = props;
  const [text, setText] = useState(props.text ?? '');
  const area = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  const { say } = useWords();
  useEffect(() => {
    if (!isNew) area.current?.focus();
  }, [isNew]);
  const words = text.trim();
  const over = words.length - limit;
  const isFit = words !== '' && over <= 0;
  const keep = () => {
    if (!isFit) return;
    onKeep(words);
    setText('');
  };
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        keep();
      }}
    >
      <label htmlFor={id}>{label}</label>
      <textarea
        ref={area}
        id={id}
        rows={isNew && text === '' ? 1 : 3}
        value={text}
        aria-invalid={over > 0}
        aria-describedby={over > 0 ? `${id}over` : undefined}
        data-note={isNew || undefined}
        onChange={(event) => {
          setText(event.target.value);
          if (event.target.value === '') onEmpty?.();
          else onBegin?.();
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) keep();
          if (event.key === 'Escape') onCancel?.();
        }}
      />
      {over > 0 && (
        <p id={`${id}over`} role="status" className={styles.refused}>
          {say('noteTooLong', { over, limit })}
        </p>
      )}
      <div className={styles.actions}>
        {children}
        {onCancel && (
          <Button look="quiet" onPress={onCancel}>
            {say('noteCancel')}
          </Button>
        )}
        <Button type="submit" isDisabled={!isFit}>
          {action}
        </Button>
      </div>
    </form>
  );
}
