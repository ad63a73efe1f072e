import { SendHorizontal } from 'lucide-react';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { Button } from 'react-aria-components/Button';
import { Form } from 'react-aria-components/Form';
import { Input } from 'react-aria-components/Input';
import { TextField } from 'react-aria-components/TextField';
import { useTranslation } from 'react-i18next';
import { classes } from '../../ui/classes.ts';
import { Name } from '../../ui/Name.tsx';
import styles from './Chat.module.css';
import type { Live } from './Lesson.tsx';

/** As in `chat.say` (protocol/requests.ts). */
const LONGEST = 500;

/** What is written to everyone. The latest stays in sight unless one has scrolled away to read. */
export function Chat({ live, canSay, className }: { live: Live; canSay: boolean; className?: string }) {
  const { t } = useTranslation();
  const { state, you } = live;
  const list = useRef<HTMLUListElement>(null);
  const atEnd = useRef(true);
  const last = state.chat.at(-1)?.seq;

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new last line is the reason to scroll
  useEffect(() => {
    if (atEnd.current) list.current?.scrollTo({ top: list.current.scrollHeight });
  }, [last]);

  const onScroll = () => {
    const element = list.current;
    if (element) atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < 40;
  };
  return (
    <section className={classes(styles.chat, className)} aria-label={t('chat.title')}>
      {state.chat.length === 0 && <p className={styles.empty}>{t('chat.empty')}</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <ul ref={list} className={styles.lines} onScroll={onScroll} aria-live="polite" tabIndex={0}>
        {state.chat.map((line) => {
          const person = state.people[line.by];
          return (
            <li
              key={`${line.seq}-${line.t}`}
              className={classes(styles.line, line.by === you.participant && styles.own)}
            >
              {person && (
                <span className={styles.by}>
                  <Name of={person.name} />
                </span>
              )}
              <p>{line.text}</p>
            </li>
          );
        })}
      </ul>
      {canSay && <Say live={live} />}
    </section>
  );
}

function Say({ live }: { live: Live }) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() === '') return;
    live.session.perform('chat.say', { text: text.trim() });
    setText('');
  };
  return (
    <Form onSubmit={onSubmit} className={styles.say}>
      <TextField
        aria-label={t('chat.label')}
        value={text}
        onChange={setText}
        maxLength={LONGEST}
        className={styles.field}
      >
        <Input className={styles.input} placeholder={t('chat.placeholder')} enterKeyHint="send" />
      </TextField>
      <Button
        type="submit"
        className={styles.send}
        aria-label={t('action.send')}
        isDisabled={text.trim() === ''}
      >
        <SendHorizontal aria-hidden size={22} />
      </Button>
    </Form>
  );
}
