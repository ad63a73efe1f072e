import { useCallback, useEffect, useRef, useState } from 'react';
import type { RouteOutput } from '../../../protocol/api.ts';
import { call, useQuery } from '../../api.ts';
import { useTell } from '../../ui/Toasts.tsx';
import { upload } from './upload.ts';

type Item = RouteOutput<'courseware.list'>['courseware'][number];

/** A file of the list, with what this very page knows of its sending. */
export interface ShownItem extends Item {
  /** It is being sent from here, or went on to be made pages of; else an `arriving` file waits for its sender. */
  readonly sending: boolean;
}

/** Asked again this often while something is under way, and when nothing is, milliseconds. */
const BUSY_MS = 1_000;
const QUIET_MS = 30_000;

/** The courseware of a lesson: what there is, and how more comes. */
export function useCourseware(lesson: string) {
  const tell = useTell();
  const [sent, setSent] = useState<Readonly<Record<string, number>>>({});
  const [busy, setBusy] = useState(false);
  const { data, error, again } = useQuery('courseware.list', {
    params: { lesson },
    every: busy ? BUSY_MS : QUIET_MS,
  });
  const stops = useRef(new Map<string, AbortController>());
  const items = data?.courseware ?? [];
  const working = items.some(({ state }) => ['arriving', 'waiting', 'working'].includes(state));
  useEffect(() => setBusy(working), [working]);
  useEffect(() => {
    const all = stops.current;
    return () => {
      for (const stop of all.values()) stop.abort(new DOMException('the page is left', 'AbortError'));
    };
  }, []);

  /** One after the other: a thin link brings the first sooner that way. */
  const add = useCallback(
    async (files: readonly File[], after?: string) => {
      setBusy(true);
      for (const file of files) {
        const stop = new AbortController();
        let id = '';
        try {
          await upload({
            ...{ lesson, file, signal: stop.signal },
            ...(after !== undefined && { after }),
            onProgress: (given, received) => {
              if (id === '') again();
              id = given;
              stops.current.set(id, stop);
              setSent((all) => ({ ...all, [id]: received }));
            },
          });
        } catch (failure) {
          if (!stop.signal.aborted) tell.error(failure);
        } finally {
          stops.current.delete(id);
          again();
        }
      }
    },
    [lesson, tell, again],
  );

  const remove = useCallback(
    async (id: string) => {
      stops.current.get(id)?.abort(new DOMException('given up', 'AbortError'));
      await call('courseware.delete', { params: { lesson, courseware: id } }).catch(tell.error);
      again();
    },
    [lesson, tell, again],
  );

  const retry = useCallback(
    async (id: string) => {
      setBusy(true);
      await call('courseware.retry', { params: { lesson, courseware: id }, input: {} }).catch(tell.error);
      again();
    },
    [lesson, tell, again],
  );

  const shown = items.map((item): ShownItem => {
    const here = stops.current.has(item.id);
    return { ...item, sending: here, received: here ? (sent[item.id] ?? item.received) : item.received };
  });
  return { items: shown, known: data !== null, error, slides: data?.slides ?? true, add, remove, retry };
}
