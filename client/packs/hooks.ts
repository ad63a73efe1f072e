import { useCallback, useEffect, useRef, useState } from 'react';
import type { LessonSummary } from '../../protocol/api.ts';
import type { PackShare } from '../../protocol/pack.ts';
import { call, NetworkError } from '../api.ts';
import { fetchPack } from './fetch-pack.ts';
import { canKeep, packStore } from './pack-store.ts';
import { packDue, shareOf } from './schedule.ts';

/** While a pack comes, the server is told so often at most, ms. */
const REPORT_EVERY_MS = 15_000;
/** What was ready once is looked at again: pages may have been added since, ms. */
const AGAIN_MS = 60 * 60_000;
/** A room that could not even ask what a pack is made of asks again, ms. */
const ASK_AGAIN_MS = 60_000;
/** A pack that nobody needed for so long is let go, ms. */
const FORGET_MS = 30 * 24 * 3_600_000;

/** Fetches one pack and tells the server how far it is. Rejects where the server refuses. */
async function fetchAndTell(lesson: string, signal: AbortSignal, onShare: (share: PackShare) => void) {
  let told = 0;
  let last: PackShare | null = null;
  const tell = async (share: PackShare) => {
    told = Date.now();
    // What gets lost is told with the next.
    await call('pack.report', { params: { lesson }, input: share }).catch(() => undefined);
  };
  const pack = await call('pack.show', { params: { lesson }, signal });
  await fetchPack(pack, {
    signal,
    onShare(share) {
      last = share;
      onShare(share);
      if (Date.now() - told > REPORT_EVERY_MS) void tell(share);
    },
  });
  if (last) await tell(last);
}

/** A room's packs, one after the other: the night before, and what is missing as soon as the screen is on. */
export function useRoomPacks(
  room: string | undefined,
  lessons: readonly LessonSummary[] | undefined,
  now: number,
): ReadonlyMap<string, PackShare> {
  const [done, setDone] = useState<ReadonlySet<string>>(new Set());
  const [shares, setShares] = useState<ReadonlyMap<string, PackShare>>(new Map());
  const due = room && lessons && canKeep() ? packDue(lessons, now, shareOf(room), done)?.id : undefined;
  useEffect(() => {
    if (due === undefined) return;
    const stop = new AbortController();
    let again: ReturnType<typeof setTimeout> | undefined;
    const onShare = (share: PackShare) => setShares((before) => new Map(before).set(due, share));
    const fetchIt = async () => {
      try {
        await fetchAndTell(due, stop.signal, onShare);
      } catch (error) {
        if (stop.signal.aborted) return;
        // A screen is often on before its link is.
        if (error instanceof NetworkError) {
          again = setTimeout(() => void fetchIt(), ASK_AGAIN_MS);
          return;
        }
        console.warn('A pack could not be fetched:', error);
      }
      if (!stop.signal.aborted) setDone((before) => new Set(before).add(due));
    };
    void fetchIt();
    return () => {
      stop.abort();
      clearTimeout(again);
    };
  }, [due]);
  useEffect(() => {
    if (!canKeep()) return;
    void navigator.storage?.persist?.();
    packStore.forget(FORGET_MS).catch((error: unknown) => console.warn('Old packs stay:', error));
    const timer = setInterval(() => setDone(new Set()), AGAIN_MS);
    return () => clearInterval(timer);
  }, []);
  return shares;
}

export interface OwnPack {
  /** Null before it is known, and where this browser keeps nothing. */
  readonly share: PackShare | null;
  readonly fetching: boolean;
  readonly error: unknown;
  readonly fetch: () => void;
}

/** What this device has of a lesson's pack; fetched when asked for, and on while the page is open. */
export function useOwnPack(lesson: string): OwnPack {
  const [share, setShare] = useState<PackShare | null>(null);
  const [fetching, setFetching] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => {
    if (!canKeep()) return;
    const looking = new AbortController();
    shareHere(lesson, looking.signal).then(
      (found) => !looking.signal.aborted && setShare(found),
      () => undefined, // asked again by whoever fetches it
    );
    return () => {
      looking.abort();
      stop.current?.abort();
    };
  }, [lesson]);
  const begin = useCallback(() => {
    const stopping = new AbortController();
    stop.current = stopping;
    setFetching(true);
    setError(null);
    fetchAndTell(lesson, stopping.signal, setShare)
      .catch((refusal: unknown) => !stopping.signal.aborted && setError(refusal))
      .finally(() => !stopping.signal.aborted && setFetching(false));
  }, [lesson]);
  return { share, fetching, error, fetch: begin };
}

async function shareHere(lesson: string, signal: AbortSignal): Promise<PackShare> {
  const { files } = await call('pack.show', { params: { lesson }, signal });
  const here = await Promise.all(files.map((file) => packStore.has(file)));
  const sum = (some: typeof files) => some.reduce((bytes, file) => bytes + file.bytes, 0);
  return { have: sum(files.filter((_, i) => here[i])), of: sum(files) };
}
