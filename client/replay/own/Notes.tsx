import { useState } from 'react';
import type { Replay } from '../../../protocol/replay.ts';
import { shareOf } from '../../../protocol/watching.ts';
import { clockText } from '../format.ts';
import { useShownTime } from '../hooks.ts';
import type { Player } from '../player.ts';
import panel from '../SidePanel.module.css';
import { useWords } from '../texts.ts';
import { NoteForm } from './NoteForm.tsx';
import { NoteRow, QuestionRow } from './NoteRows.tsx';
import styles from './Notes.module.css';
import type { Own, OwnView } from './own.ts';

interface NotesProps {
  readonly own: Own;
  readonly view: OwnView;
  readonly player: Player;
  readonly replay: Replay;
}

/** One's own at its time: private notes, and questions with their answers. For the teacher, everybody's questions. */
export function Notes({ own, view, player, replay }: NotesProps) {
  const { say } = useWords();
  const [changing, setChanging] = useState<string | null>(null);
  const isLead = replay.part === 'lead';
  const rows = [
    ...view.notes.map((note) => ({ kind: 'note' as const, ...note })),
    ...view.questions.map((question) => ({ kind: 'question' as const, ...question })),
  ].sort((a, b) => a.t - b.t);
  const percent = Math.round(shareOf(view.watched, replay.from, replay.to) * 100);
  return (
    <div className={styles.notes}>
      <Writing own={own} player={player} mayAsk={!isLead && replay.part !== 'observer'} />
      {rows.length === 0 && <p className={panel.empty}>{say(isLead ? 'notesEmptyTeacher' : 'notesEmpty')}</p>}
      <ol className={panel.list}>
        {rows.map((row) => (
          <li key={row.id}>
            {row.kind === 'note' ? (
              <NoteRow
                {...{ own, view, player, note: row, isChanging: changing === row.id }}
                onChange={(on) => setChanging(on ? row.id : null)}
              />
            ) : (
              <QuestionRow
                {...{ own, view, player, question: row, isLead, isChanging: changing === row.id }}
                onChange={(on) => setChanging(on ? row.id : null)}
              />
            )}
          </li>
        ))}
      </ol>
      {replay.part === 'student' && <p className={styles.watched}>{say('ownWatched', { percent })}</p>}
    </div>
  );
}

interface WritingProps {
  readonly own: Own;
  readonly player: Player;
  readonly mayAsk: boolean;
}

/** The time is that at which one begins to write, not that at which one is done. */
function Writing({ own, player, mayAsk }: WritingProps) {
  const { say } = useWords();
  const shown = useShownTime(player, 1000);
  const [begun, setBegun] = useState<number | null>(null);
  const [asks, setAsks] = useState(false);
  const t = Math.round(begun ?? shown);
  const { from } = player.span();
  const keep = (text: string) => {
    if (asks) own.ask(newId('q'), t, text);
    else own.note(newId('n'), t, text);
    setBegun(null);
  };
  return (
    <div className={styles.writing}>
      <NoteForm
        isNew
        limit={asks ? 500 : 2000}
        label={say('noteAt', { time: clockText(t - from) })}
        action={say(asks ? 'noteSend' : 'noteSave')}
        onBegin={() => setBegun((before) => before ?? player.time())}
        onEmpty={() => setBegun(null)}
        onKeep={keep}
      >
        {mayAsk && (
          <fieldset className={styles.kinds} aria-label={say('noteKind')}>
            {([false, true] as const).map((kind) => (
              <label key={String(kind)} className={styles.kind}>
                <input type="radio" name="note-kind" checked={asks === kind} onChange={() => setAsks(kind)} />
                {say(kind ? 'noteForTeacher' : 'noteForMe')}
              </label>
            ))}
          </fieldset>
        )}
      </NoteForm>
    </div>
  );
}

/** 72 random bits; `crypto.randomUUID` is not there on pages without HTTPS. */
function newId(letter: string): string {
  const bytes = crypto.getRandomValues(new Uint8Array(9));
  return letter + Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
