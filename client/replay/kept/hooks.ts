import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { WrittenPages } from '../../../protocol/replay.ts';
import { CaptionCues } from '../../../protocol/replay-edit.ts';
import type { KeptTexts } from '../captions.ts';
import type { ReplaySource } from '../loader.ts';
import { wordsOf } from '../page-words.ts';
import { serverSource } from '../source.ts';
import { cuesOf, Keeper, type KeptView, WORDS } from './keeper.ts';
import { Shelf } from './shelf.ts';
import { KeptFirstSource } from './source.ts';

const keepers = new Map<string, Keeper>();

/** This page's keeper for a person. */
export function keeperOf(account: string): Keeper {
  const known = keepers.get(account);
  if (known) return known;
  const made = new Keeper(account);
  keepers.set(account, made);
  void made.open();
  return made;
}

/** Null where nothing can be kept: nobody is signed in, or the page is not a secure one. */
export function useKeeper(account: string | undefined): Keeper | null {
  return useMemo(() => (account !== undefined && Shelf.isPossible ? keeperOf(account) : null), [account]);
}

/** The captions, and what is written on the pages, that a keeper has of a lesson. */
export function keptTexts(keeper: Keeper | null, lesson: string): KeptTexts | null {
  return (
    keeper && {
      cues: async (track) =>
        CaptionCues.safeParse(await keeper.json(lesson, cuesOf(track))).data?.cues ?? null,
      words: async () => {
        const found = WrittenPages.safeParse(await keeper.json(lesson, WORDS)).data;
        return found ? wordsOf(found.pages) : null;
      },
    }
  );
}

const NEVER = () => () => {};
const NOTHING: readonly KeptView[] = [];

export function useKept(keeper: Keeper | null): readonly KeptView[] {
  return useSyncExternalStore(keeper?.subscribe ?? NEVER, keeper ? keeper.views : () => NOTHING);
}

/** Whether all of a lesson's picture is here. */
export function useHasPicture(keeper: Keeper | null, lesson: string): boolean {
  return useKept(keeper).some(
    ({ record }) =>
      record.lesson === lesson && record.state === 'kept' && record.keeping.watching === 'picture',
  );
}

export function useSource(keeper: Keeper | null): ReplaySource & { away?: boolean } {
  return useMemo(() => (keeper ? new KeptFirstSource(serverSource, keeper) : serverSource), [keeper]);
}

/** Bytes that this device has left for this site, as the browser says; null where it does not. */
export function useFreeSpace(): { free: number | null; look: () => void } {
  const [free, setFree] = useState<number | null>(null);
  const look = useCallback(() => {
    navigator.storage?.estimate().then(
      ({ quota, usage }) => setFree(quota === undefined ? null : Math.max(0, quota - (usage ?? 0))),
      () => setFree(null),
    );
  }, []);
  useEffect(look, [look]);
  return { free, look };
}
