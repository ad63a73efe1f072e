import { EyeOff, Scissors, SkipBack, SkipForward, Tag, Undo2 } from 'lucide-react';
import { type FormEvent, useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Localised } from '../../../protocol/common.ts';
import { TongkeError } from '../../../protocol/errors.ts';
import type { LogEntry } from '../../../protocol/events.ts';
import type { Replay } from '../../../protocol/replay.ts';
import type { EditedReplay, ReplayEdit } from '../../../protocol/replay-edit.ts';
import { call } from '../../api.ts';
import type { Player } from '../../replay/player.ts';
import { Button } from '../../ui/Button.tsx';
import { Field } from '../../ui/Field.tsx';
import { Name } from '../../ui/Name.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { useTell } from '../../ui/Toasts.tsx';
import { useDayNames } from '../../ui/time.ts';
import { useSubmit } from '../signin/useSubmit.ts';
import styles from './After.module.css';
import {
  type Draft,
  isSame,
  isUnsaved,
  keepUnsaved,
  type Refusal,
  refusalOf,
  useDraft,
  withHidden,
  withName,
  withSplit,
} from './draft.ts';
import { Preview } from './Preview.tsx';
import { Steps } from './Steps.tsx';

interface EditPanelProps {
  readonly replay: Replay;
  readonly entries: readonly LogEntry[];
  readonly edited: EditedReplay;
  /** Another tab of the page may be looked at. */
  readonly isShown: boolean;
  /** Something else is saved than `edited`. */
  readonly onSaved: () => void;
}

/** What of the lesson is shown, tried out on the lesson itself before it is saved. */
export function EditPanel({ replay, entries, edited, isShown, onSaved }: EditPanelProps) {
  const { t } = useTranslation();
  const tell = useTell();
  const { full } = useDayNames();
  const { lesson } = replay;
  const draft = useDraft(lesson, edited.edit);
  const [player, setPlayer] = useState<Player | null>(null);
  const [mark, setMark] = useState<number | null>(null);
  const people = useMemo(() => peopleIn(entries), [entries]);
  const save = async (edit: ReplayEdit) => {
    const params = { lesson };
    try {
      await call('edit.save', { params, input: { revision: edited.revision, edit } });
    } catch (error) {
      if (!(error instanceof TongkeError && error.code === 'edit_outdated')) throw error;
      const now = await call('edit.show', { params });
      onSaved();
      if (!isSame(now.edit, edit)) return; // the draft says so
      // It was this that was saved: the answer was lost.
    }
    keepUnsaved(lesson, null); // whoever leaves before it is shown here has nothing to lose
    tell.info(t(edit.hidden.length > 0 ? 'after.saved' : 'after.savedPlain'));
    onSaved();
  };
  const { submit, busy, problem } = useSubmit(() => save(draft.edit));
  const back = useSubmit(() => save(edited.previous ?? draft.edit));
  useEffect(() => {
    if (!isShown) player?.pause();
  }, [isShown, player]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: when the page is left, and not when its language changes
  useEffect(
    () => () => {
      if (isUnsaved(lesson)) tell.info(t('after.unsaved'));
    },
    [lesson],
  );
  const isMade = replay.state.voice === 'ready' || replay.state.voice === 'failed';
  return (
    <div className={styles.edit}>
      <Preview {...{ replay, entries, mark }} edit={draft.edit} onPlayer={setPlayer} />
      {!isMade && <Notice>{t('after.making', { percent: Math.round(replay.state.progress * 100) })}</Notice>}
      {player && <Tools {...{ player, draft, mark, setMark }} recorded={edited.recorded} />}
      <Steps draft={draft} people={people} zero={replay.from} onGo={(at) => player?.seek(at)} />
      {draft.isOutdated && <Notice tone="warning">{t('after.outdated')}</Notice>}
      {(problem ?? back.problem) && <Notice tone="error">{problem ?? back.problem}</Notice>}
      {edited.inherits && <Notice>{t('after.inherits')}</Notice>}
      {draft.edit.hidden.length > 0 && edited.boards.length > 0 && (
        <Notice>
          {t('after.boards')}{' '}
          {edited.boards.map(({ title, startsAt }, i) => (
            <span key={startsAt}>
              {i > 0 && ' · '}
              <Name of={title} /> ({full(startsAt)})
            </span>
          ))}
        </Notice>
      )}
      {edited.eraseAt !== null && <Notice>{t('after.original', { day: full(edited.eraseAt) })}</Notice>}
      {edited.erased && <Notice>{t('after.erased')}</Notice>}
      <footer className={styles.foot}>
        <Button icon={Undo2} isDisabled={!draft.canUndo} onPress={draft.undo}>
          {t('after.undo')}
        </Button>
        {edited.previous && !draft.isChanged && (
          <Button isPending={back.busy} onPress={() => void back.submit()}>
            {t('after.revert')}
          </Button>
        )}
        <Button look="primary" isPending={busy} isDisabled={!draft.isChanged} onPress={() => void submit()}>
          {t('after.save')}
        </Button>
      </footer>
      <p className={styles.soft}>{t('after.previewNote')}</p>
    </div>
  );
}

/** Who can be hidden: everybody who has been there, by id. */
function peopleIn(entries: readonly LogEntry[]): ReadonlyMap<string, Localised> {
  return new Map(
    entries.flatMap(({ event }) =>
      event.type === 'participant.joined' ? [[event.participant.id, event.participant.name] as const] : [],
    ),
  );
}

interface ToolsProps {
  readonly player: Player;
  readonly draft: Draft;
  readonly recorded: EditedReplay['recorded'];
  readonly mark: number | null;
  readonly setMark: (mark: number | null) => void;
}

/** What can be done at the place that the preview shows. */
function Tools({ player, draft, recorded, mark, setMark }: ToolsProps) {
  const { t } = useTranslation();
  const [naming, setNaming] = useState<number | null>(null);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const { edit } = draft;
  const change = (next: ReplayEdit) => {
    const why = refusalOf(next, recorded);
    setRefusal(why);
    if (!why) draft.change(next);
  };
  const here = (): number => Math.round(player.time());
  const hide = () => {
    if (mark !== null) change(withHidden(edit, mark, here()));
    setMark(mark === null ? here() : null);
  };
  const begin = () => {
    const from = here();
    change({ ...edit, from, to: edit.to !== null && edit.to <= from ? null : edit.to });
  };
  const end = () => {
    const to = here();
    change({ ...edit, to, from: edit.from !== null && edit.from >= to ? null : edit.from });
  };
  return (
    <>
      <div className={styles.tools}>
        <Button icon={SkipForward} onPress={begin}>
          {t('after.beginHere')}
        </Button>
        <Button icon={SkipBack} onPress={end}>
          {t('after.endHere')}
        </Button>
        <Button icon={EyeOff} onPress={hide}>
          {t(mark === null ? 'after.hideFrom' : 'after.hideTo')}
        </Button>
        {mark !== null && (
          <Button look="quiet" onPress={() => setMark(null)}>
            {t('action.cancel')}
          </Button>
        )}
        <Button icon={Scissors} onPress={() => change(withSplit(edit, here()))}>
          {t('after.splitHere')}
        </Button>
        <Button icon={Tag} onPress={() => setNaming(here())}>
          {t('after.nameHere')}
        </Button>
      </div>
      {refusal?.why === 'tooShort' && <Notice tone="warning">{t('after.tooShort')}</Notice>}
      {refusal?.why === 'tooMany' && (
        <Notice tone="warning">{t('after.tooMany', { most: refusal.most })}</Notice>
      )}
      {naming !== null && (
        <Naming
          onName={(title) => {
            change(withName(edit, naming, title));
            setNaming(null);
          }}
          onCancel={() => setNaming(null)}
        />
      )}
    </>
  );
}

function Naming({ onName, onCancel }: { onName: (title: string) => void; onCancel: () => void }) {
  const { t } = useTranslation();
  const [title, setTitle] = useState('');
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (title.trim() !== '') onName(title.trim());
  };
  return (
    <form className={styles.naming} onSubmit={onSubmit}>
      <Field label={t('after.name')} value={title} onChange={setTitle} maxLength={80} autoFocus />
      <Button type="submit">{t('after.add')}</Button>
      <Button look="quiet" onPress={onCancel}>
        {t('action.cancel')}
      </Button>
    </form>
  );
}
