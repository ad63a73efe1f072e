import { HardDriveDownload } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LogEntry } from '../../../protocol/events.ts';
import type { Replay } from '../../../protocol/replay.ts';
import { isAsked } from '../../data-use/metering.ts';
import { isFull } from '../../packs/pack-store.ts';
import { Button } from '../../ui/Button.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { useErrorText } from '../../ui/useErrorText.ts';
import { sizeText } from '../format.ts';
import { useWords, type WatchWords } from '../texts.ts';
import { useFreeSpace } from './hooks.ts';
import styles from './Kept.module.css';
import type { Keeper } from './keeper.ts';
import { type Board, boardOf, type Offer, offersOf, planOf } from './plan.ts';
import { prepareOffline } from './prepare.ts';
import type { Keeping } from './shelf.ts';

interface KeepChoiceProps {
  readonly keeper: Keeper;
  readonly replay: Replay;
  readonly entries: readonly LogEntry[];
  /** What is kept of it now, and would be replaced. */
  readonly instead?: Keeping;
  readonly onBegun?: () => void;
}

/** What to keep, with what it weighs and what there is room for, before anything is fetched. */
export function KeepChoice({ keeper, replay, entries, instead, onBegun }: KeepChoiceProps) {
  const { offers: all, board, error } = useOffers(replay, entries);
  const [chosen, setChosen] = useState<number | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const { free, look } = useFreeSpace();
  const words = useWords();
  const { t } = useTranslation();
  const { say } = words;
  const errorText = useErrorText();

  if (error !== null) return <Notice tone="warning">{say('keepFailed', { why: errorText(error) })}</Notice>;
  const offers = all?.filter(({ keeping }) => !instead || !sameKeeping(keeping, instead));
  if (!offers || !board) return <p role="status">{say('keepWeighing')}</p>;
  // Voice and ink unless something else was chosen: the most for the least.
  const index =
    chosen ??
    Math.max(
      0,
      offers.findIndex(({ keeping }) => keeping.watching === 'voice'),
    );
  const offer = offers[index];
  const fits = !offer || free === null || offer.bytes <= free;
  const start = async () => {
    if (!offer) return;
    setBusy(true);
    try {
      const plan = await planOf(replay, board, offer);
      await navigator.storage?.persist?.();
      await prepareOffline();
      await keeper.keep(plan);
      onBegun?.();
    } catch (reason) {
      setFailure(reason);
    }
    setBusy(false);
    look();
  };
  return (
    <>
      <p>{say(instead ? 'keepInstead' : 'keepIntro')}</p>
      <fieldset className={styles.offers} aria-label={say('keepWhat')}>
        {offers.map((one, i) => (
          <label key={keepingText(one.keeping, words)} className={styles.offer}>
            <input type="radio" name="keep" checked={i === index} onChange={() => setChosen(i)} />
            <span>{keepingText(one.keeping, words)}</span>
            <small>{say('keepAbout', { size: sizeText(one.bytes) })}</small>
          </label>
        ))}
      </fieldset>
      <p className={styles.quiet}>
        {free !== null && say('keepFree', { size: sizeText(free) })} {say('keepShared')}
      </p>
      {offer && isAsked(offer.bytes) && (
        <Notice tone="warning">{t('dataUse.keep', { size: sizeText(offer.bytes) })}</Notice>
      )}
      {!fits && offer && (
        <Notice tone="warning">
          {say('keepNoRoom', { size: sizeText(offer.bytes), free: sizeText(free ?? 0) })}
        </Notice>
      )}
      {failure !== null && (
        <Notice tone="warning">
          {isFull(failure) ? say('keepFullAtOnce') : say('keepFailed', { why: errorText(failure) })}
        </Notice>
      )}
      <Button
        look="primary"
        icon={HardDriveDownload}
        isDisabled={!fits}
        isPending={isBusy}
        onPress={() => void start()}
      >
        {/* What plays it is fetched first, which takes its time on a thin link. */}
        {say(isBusy ? 'keepPreparing' : 'keepStart')}
      </Button>
    </>
  );
}

function sameKeeping(a: Keeping, b: Keeping): boolean {
  return a.watching === b.watching && a.height === b.height;
}

function useOffers(replay: Replay, entries: readonly LogEntry[]) {
  const [offers, setOffers] = useState<readonly Offer[] | null>(null);
  const [board, setBoard] = useState<Board | null>(null);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    let gone = false;
    const weigh = async () => {
      const made = await boardOf(replay.lesson, entries);
      const found = await offersOf(replay, made);
      if (gone) return;
      setBoard(made);
      setOffers(found);
    };
    setError(null);
    weigh().catch((reason: unknown) => {
      if (!gone) setError(reason);
    });
    return () => {
      gone = true;
    };
  }, [replay, entries]);
  return { offers, board, error };
}

/** What is kept, or would be. */
export function keepingText({ watching, height }: Keeping, { say }: WatchWords): string {
  if (watching === 'ink') return say('keepInk');
  if (watching === 'voice') return say('keepVoice');
  return say('keepPicture', { height: height ?? '' });
}
