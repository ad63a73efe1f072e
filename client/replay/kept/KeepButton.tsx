import { CircleCheck, HardDrive, HardDriveDownload, Replace } from 'lucide-react';
import { useState } from 'react';
import type { LogEntry } from '../../../protocol/events.ts';
import type { Replay } from '../../../protocol/replay.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { IconButton } from '../../ui/IconButton.tsx';
import { LinkButton } from '../../ui/LinkButton.tsx';
import { useWords } from '../texts.ts';
import { useKept } from './hooks.ts';
import { KeepChoice } from './KeepChoice.tsx';
import styles from './Kept.module.css';
import { KeptProgress } from './KeptProgress.tsx';
import type { Keeper } from './keeper.ts';
import { Stick } from './Stick.tsx';

interface KeepButtonProps {
  readonly keeper: Keeper | null;
  readonly replay: Replay;
  readonly entries: readonly LogEntry[];
}

/** Keeps this lesson on the device, and says how far it is. */
export function KeepButton({ keeper, replay, entries }: KeepButtonProps) {
  const [isOpen, setOpen] = useState(false);
  /** They have it here, and want more or less of it. */
  const [choosesOther, setChoosesOther] = useState(false);
  const { say } = useWords();
  const view = useKept(keeper).find(({ record }) => record.lesson === replay.lesson);
  const isHere = view?.record.state === 'kept';
  const percent = view ? Math.floor((100 * view.done) / Math.max(1, view.record.bytes)) : 0;
  const close = () => {
    setOpen(false);
    setChoosesOther(false);
  };
  return (
    <>
      <IconButton
        icon={isHere ? CircleCheck : HardDriveDownload}
        label={isHere ? say('keepDone') : say('keep')}
        badge={view?.record.state === 'keeping' ? `${percent}%` : undefined}
        placement="left"
        onPress={() => setOpen(true)}
      />
      <Dialog isOpen={isOpen} onClose={close} title={say('keep')} shape="sheet">
        <div className={styles.dialog}>
          {!keeper && <p>{say('keepImpossible')}</p>}
          {keeper && view && <KeptProgress keeper={keeper} view={view} />}
          {view?.record.state === 'full' && (
            <LinkButton to="/kept" icon={HardDrive}>
              {say('keptTitle')}
            </LinkButton>
          )}
          {keeper && isHere && !choosesOther && (
            <Button icon={Replace} onPress={() => setChoosesOther(true)}>
              {say('keepOther')}
            </Button>
          )}
          {keeper && (!view || AGAIN.includes(view.record.state)) && (
            <KeepChoice keeper={keeper} replay={replay} entries={entries} />
          )}
          {keeper && view && isHere && choosesOther && (
            <KeepChoice
              {...{ keeper, replay, entries }}
              instead={view.record.keeping}
              onBegun={() => setChoosesOther(false)}
            />
          )}
          <Stick lesson={replay.lesson} />
        </div>
      </Dialog>
    </>
  );
}

/** After these one chooses anew. */
const AGAIN: readonly string[] = ['damaged', 'full', 'refused', 'changed'];
