import { EyeOff, Scissors, SkipBack, SkipForward, Tag, Trash2 } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Localised } from '../../../protocol/common.ts';
import { Choice } from '../../ui/Choice.tsx';
import { Field } from '../../ui/Field.tsx';
import { IconButton } from '../../ui/IconButton.tsx';
import { useName } from '../../ui/Name.tsx';
import { duration } from '../../ui/time.ts';
import styles from './After.module.css';
import { type Draft, type Step, stepsOf, withHiddenChanged, withoutStep, withPartTitle } from './draft.ts';

const ICONS = { begin: SkipForward, end: SkipBack, hidden: EyeOff, split: Scissors, named: Tag } as const;
/** Stands for all in the list of whom to hide: no id begins so. */
const ALL = '*';

interface StepsProps {
  readonly draft: Draft;
  readonly people: ReadonlyMap<string, Localised>;
  /** Lesson time of the replay's second 0. */
  readonly zero: number;
  readonly onGo: (t: number) => void;
}

/** Everything that the edit does, in the lesson's order; each can be gone to and taken back. */
export function Steps({ draft, people, zero, onGo }: StepsProps) {
  const { t } = useTranslation();
  const steps = stepsOf(draft.edit);
  const describe = useDescribe((at) => duration(at - zero));
  const list = useNewInView(steps.map(keyOf));
  if (steps.length === 0) return <p className={styles.soft}>{t('after.nothing')}</p>;
  return (
    <ol ref={list} className={styles.steps}>
      {steps.map((step) => {
        const Icon = ICONS[step.kind];
        const what = describe(step);
        return (
          <li key={keyOf(step)}>
            <button type="button" className={styles.step} onClick={() => onGo(step.t)}>
              <Icon aria-hidden size={20} />
              <span>{what}</span>
            </button>
            <IconButton
              icon={Trash2}
              label={t(step.kind === 'split' ? 'after.merge' : 'after.remove', { what })}
              placement="left"
              onPress={() => draft.change(withoutStep(draft.edit, step))}
            />
            <More step={step} draft={draft} people={people} />
          </li>
        );
      })}
    </ol>
  );
}

const keyOf = ({ kind, t }: Step): string => `${kind}${t}`;

/** Whoever has pressed something sees what came of it. */
function useNewInView(keys: readonly string[]) {
  const list = useRef<HTMLOListElement>(null);
  const before = useRef(keys);
  useEffect(() => {
    const added = keys.findIndex((key) => !before.current.includes(key));
    before.current = keys;
    list.current?.children[added]?.scrollIntoView({ block: 'nearest' });
  });
  return list;
}

function useDescribe(clock: (t: number) => string): (step: Step) => string {
  const { t } = useTranslation();
  return (step) => {
    const time = clock(step.t);
    switch (step.kind) {
      case 'begin':
        return t('after.begins', { time });
      case 'end':
        return t('after.ends', { time });
      case 'hidden':
        return t('after.hidden', { from: time, to: clock(step.hidden.to) });
      case 'split':
        return t('after.split', { n: step.part, time });
      case 'named':
        return t('after.named', { time, title: step.title });
    }
  };
}

function More({ step, draft, people }: { step: Step; draft: Draft; people: StepsProps['people'] }) {
  const { t } = useTranslation();
  const name = useName();
  if (step.kind === 'split') {
    return (
      <div className={styles.more}>
        {[step.part - 1, step.part]
          .filter((part) => part === step.part || part === 1)
          .map((part) => (
            <Field
              key={part}
              label={t('after.partTitle', { n: part })}
              value={draft.edit.partTitles[part - 1] ?? ''}
              onChange={(title) => draft.change(withPartTitle(draft.edit, part, title))}
              maxLength={80}
            />
          ))}
      </div>
    );
  }
  if (step.kind !== 'hidden') return null;
  const { hidden } = step;
  const { participant: _participant, ...everybody } = hidden;
  const options = [
    { id: ALL, text: t('after.everybody') },
    ...[...people].map(([id, of]) => ({ id, text: name(of) })),
  ];
  return (
    <div className={styles.more}>
      <Choice
        label={t('after.whom')}
        value={hidden.participant ?? ALL}
        options={options}
        onChange={(id) =>
          draft.change(withHiddenChanged(draft.edit, id === ALL ? everybody : { ...hidden, participant: id }))
        }
      />
      <label className={styles.check}>
        <input
          type="checkbox"
          checked={hidden.writing}
          onChange={(event) =>
            draft.change(withHiddenChanged(draft.edit, { ...hidden, writing: event.target.checked }))
          }
        />
        {t('after.writing')}
      </label>
    </div>
  );
}
