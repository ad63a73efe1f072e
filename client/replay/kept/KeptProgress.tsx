import { Pause, Play, Trash2 } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Button } from '../../ui/Button.tsx';
import { Confirm } from '../../ui/Dialog.tsx';
import { sizeText } from '../format.ts';
import type { WatchText } from '../i18n.ts';
import { useWords } from '../texts.ts';
import styles from './Kept.module.css';
import type { Keeper, KeptView } from './keeper.ts';
import type { KeptRecord } from './shelf.ts';

const STATES: Readonly<Record<Exclude<KeptRecord['state'], 'keeping'>, WatchText>> = {
  paused: 'keepPaused',
  kept: 'keepDone',
  damaged: 'keepDamaged',
  full: 'keepFull',
  refused: 'keepRefused',
  changed: 'keepOld',
};

/** How much of a lesson is here, and what can be done about it. */
export function KeptProgress({ keeper, view }: { readonly keeper: Keeper; readonly view: KeptView }) {
  const { say, name } = useWords();
  const [isAsked, setAsked] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  // What was pressed to come here is gone: without a focus nothing hears of Escape.
  useEffect(() => {
    if (document.activeElement === document.body) box.current?.focus();
  }, []);
  const { record, done, waiting } = view;
  const { lesson, state, bytes } = record;
  const part = say('keepingPart', { done: sizeText(done), size: sizeText(bytes) });
  const again = state === 'paused' || state === 'damaged' || state === 'full';
  return (
    <div ref={box} tabIndex={-1} className={styles.progress}>
      <p role="status">
        {state === 'keeping' ? (waiting ? say('keepWaiting') : part) : say(STATES[state])}
        {state === 'kept' && ` · ${sizeText(bytes)}`}
      </p>
      {state !== 'kept' && state !== 'changed' && <progress max={bytes} value={done} aria-label={part} />}
      <div className={styles.actions}>
        {state === 'keeping' && (
          <Button icon={Pause} onPress={() => void keeper.pause(lesson)}>
            {say('keepPause')}
          </Button>
        )}
        {again && (
          <Button icon={Play} onPress={() => void keeper.resume(lesson)}>
            {say('keepResume')}
          </Button>
        )}
        <Button look="quiet" icon={Trash2} onPress={() => setAsked(true)}>
          {say('keepRemove')}
        </Button>
      </div>
      <Confirm
        isOpen={isAsked}
        onClose={() => setAsked(false)}
        title={name(record.title)}
        confirm={say('keepRemove')}
        onConfirm={() => void keeper.remove(lesson)}
      >
        {say('keepRemoveAsk')}
      </Confirm>
    </div>
  );
}
