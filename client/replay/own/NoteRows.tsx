import { CircleHelp, MessageCircleReply, NotebookPen, Pencil, Trash2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Note, Question } from '../../../protocol/watching.ts';
import { Button } from '../../ui/Button.tsx';
import { IconButton } from '../../ui/IconButton.tsx';
import { clockText } from '../format.ts';
import type { Player } from '../player.ts';
import { useWords } from '../texts.ts';
import { NoteForm } from './NoteForm.tsx';
import styles from './Notes.module.css';
import type { Own, OwnView } from './own.ts';

interface RowProps {
  readonly own: Own;
  readonly view: OwnView;
  readonly player: Player;
  readonly isChanging: boolean;
  readonly onChange: (on: boolean) => void;
}

export function NoteRow({ own, view, player, note, isChanging, onChange }: RowProps & { note: Note }) {
  const { say } = useWords();
  return (
    <article className={styles.row}>
      <Head icon="note" title={say('noteOwn')} t={note.t} player={player}>
        <IconButton icon={Pencil} label={say('noteEdit')} placement="left" onPress={() => onChange(true)} />
        <IconButton
          icon={Trash2}
          label={say('noteRemove')}
          placement="left"
          onPress={() => own.forget(note.id)}
        />
      </Head>
      {isChanging ? (
        <NoteForm
          label={say('noteEdit')}
          action={say('noteSave')}
          limit={2000}
          text={note.text}
          onCancel={() => onChange(false)}
          onKeep={(text) => {
            own.note(note.id, note.t, text);
            onChange(false);
          }}
        />
      ) : (
        <p className={styles.text}>{note.text}</p>
      )}
      <Waiting id={note.id} view={view} />
    </article>
  );
}

interface QuestionRowProps extends RowProps {
  readonly question: Question;
  readonly isLead: boolean;
}

export function QuestionRow(props: QuestionRowProps) {
  const { own, view, player, question, isLead, isChanging, onChange } = props;
  const { say, name } = useWords();
  const { id, answer } = question;
  const title = isLead ? say('questionOf', { name: name(question.name) }) : say('questionOwn');
  return (
    <article className={styles.row}>
      <Head icon="question" title={title} t={question.t} player={player}>
        {!isLead && answer === null && (
          <IconButton
            icon={Trash2}
            label={say('noteRemove')}
            placement="left"
            onPress={() => own.withdraw(id)}
          />
        )}
      </Head>
      <p className={styles.text}>{question.text}</p>
      {answer && !isChanging && (
        <div className={styles.answer}>
          <p className={styles.title}>{say('answerOf')}</p>
          <p className={styles.text}>{answer.text}</p>
        </div>
      )}
      {!answer && !isLead && !view.unsent.has(id) && <p className={styles.hint}>{say('unanswered')}</p>}
      {isLead && !isChanging && (
        <Button look="quiet" icon={MessageCircleReply} onPress={() => onChange(true)}>
          {say(answer ? 'noteEdit' : 'answer')}
        </Button>
      )}
      {isChanging && (
        <NoteForm
          label={say('answerLabel')}
          action={say('answerSend')}
          limit={500}
          text={answer?.text}
          onCancel={() => onChange(false)}
          onKeep={(text) => {
            own.answer(id, text);
            onChange(false);
          }}
        />
      )}
      <Waiting id={id} view={view} />
    </article>
  );
}

const ICONS = { note: NotebookPen, question: CircleHelp } as const;

interface HeadProps {
  readonly icon: keyof typeof ICONS;
  readonly title: string;
  readonly t: number;
  readonly player: Player;
  readonly children: React.ReactNode;
}

function Head({ icon, title, t, player, children }: HeadProps) {
  const Icon = ICONS[icon];
  return (
    <header className={styles.head}>
      <button type="button" className={styles.place} onClick={() => player.seek(t)}>
        <Icon aria-hidden size={18} />
        <time>{clockText(t - player.span().from)}</time>
        <span>{title}</span>
      </button>
      {children}
    </header>
  );
}

/** What the server does not have yet, or would not take; what was written stays here until it is deleted. */
function Waiting({ id, view }: { id: string; view: OwnView }) {
  const { say } = useWords();
  const { t } = useTranslation();
  const code = view.refused.get(id);
  if (code) return <p className={styles.refused}>{say('noteRefused', { why: t(`error.${code}`) })}</p>;
  return view.unsent.has(id) ? <p className={styles.hint}>{say('noteUnsent')}</p> : null;
}
