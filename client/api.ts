import { useCallback, useEffect, useRef, useState } from 'react';
import type { RouteInput, RouteName, RouteOutput } from '../protocol/api.ts';
import { type Answer, TongkeError } from '../protocol/errors.ts';
import { KEPT, remember, remembered } from './ui/remember.ts';

const BASE = '/api/v1';

/**
 * Method and path of each route of `protocol/api.ts`, without its schemas: the first page of somebody on a thin link
 * should not wait for 27 kB of validation that the server does anyway. `test/client-ui/api.test.ts` compares the two.
 */
export const ROUTES: Readonly<Record<RouteName, readonly [method: 'get' | 'post' | 'delete', path: string]>> =
  {
    'session.show': ['get', '/session'],
    'session.create': ['post', '/session'],
    'session.delete': ['delete', '/session'],
    'setup.create': ['post', '/setup'],
    'lesson.list': ['get', '/lessons'],
    'lesson.show': ['get', '/lessons/:lesson'],
    'replay.show': ['get', '/lessons/:lesson/replay'],
    'replay.log': ['get', '/lessons/:lesson/log'],
    'replay.words': ['get', '/lessons/:lesson/words'],
    'replay.original': ['get', '/lessons/:lesson/original'],
    'replay.originalLog': ['get', '/lessons/:lesson/original/log'],
    'replay.erase': ['delete', '/lessons/:lesson/original'],
    'edit.show': ['get', '/lessons/:lesson/edit'],
    'edit.save': ['post', '/lessons/:lesson/edit'],
    'edit.publish': ['post', '/lessons/:lesson/audience'],
    'edit.attach': ['post', '/lessons/:lesson/attachment'],
    'edit.attachment': ['get', '/lessons/:lesson/attachment'],
    'edit.neighbours': ['get', '/lessons/:lesson/neighbours'],
    'edit.merge': ['post', '/lessons/:lesson/merge'],
    'captions.add': ['post', '/lessons/:lesson/captions'],
    'captions.show': ['get', '/lessons/:lesson/captions/:track'],
    'captions.remove': ['delete', '/lessons/:lesson/captions/:track'],
    'archive.show': ['get', '/lessons/:lesson/archive'],
    'share.list': ['get', '/lessons/:lesson/shares'],
    'share.make': ['post', '/lessons/:lesson/shares'],
    'share.revoke': ['delete', '/lessons/:lesson/shares/:share'],
    'share.open': ['post', '/shares'],
    'courier.show': ['get', '/courier'],
    'courier.trust': ['post', '/courier/schools'],
    'courier.untrust': ['delete', '/courier/schools/:fingerprint'],
    'courier.export': ['post', '/lessons/:lesson/package'],
    'courier.known': ['get', '/courier/known'],
    'courier.import': ['post', '/courier/imports'],
    'library.list': ['get', '/library'],
    'room.link': ['get', '/rooms/:room/link'],
    'school.ceilings': ['get', '/ceilings'],
    'school.limit': ['post', '/schools/:school/ceiling'],
    'storage.disk': ['get', '/storage/disk'],
    'storage.show': ['get', '/storage'],
    'storage.rule': ['post', '/schools/:school/storage'],
    'replay.again': ['post', '/lessons/:lesson/replay/again'],
    'replay.delete': ['delete', '/lessons/:lesson/replay'],
    'watching.show': ['get', '/lessons/:lesson/watching'],
    'watching.report': ['post', '/lessons/:lesson/watching'],
    'watching.viewers': ['get', '/lessons/:lesson/viewers'],
    'note.put': ['post', '/lessons/:lesson/notes'],
    'note.delete': ['delete', '/lessons/:lesson/notes/:note'],
    'question.ask': ['post', '/lessons/:lesson/questions'],
    'question.answer': ['post', '/lessons/:lesson/questions/:question/answer'],
    'question.delete': ['delete', '/lessons/:lesson/questions/:question'],
    'replay.files': ['get', '/lessons/:lesson/replay/files'],
    'device.challenge': ['post', '/device/challenge'],
    'device.pair': ['post', '/device/pairing'],
    'device.signIn': ['post', '/device/session'],
    'room.list': ['get', '/rooms'],
    'room.show': ['get', '/rooms/:room'],
    'room.update': ['post', '/rooms/:room'],
    'device.enrol': ['post', '/devices'],
    'device.revoke': ['delete', '/rooms/:room/devices/:device'],
    'device.command': ['post', '/rooms/:room/devices/:device/commands'],
    'device.result': ['get', '/rooms/:room/devices/:device/commands/:command'],
    'device.show': ['get', '/rooms/:room/devices/:device'],
    'device.series': ['get', '/rooms/:room/devices/:device/series'],
    'timetable.list': ['get', '/schools/:school/timetable'],
    'timetable.put': ['post', '/schools/:school/timetable'],
    'timetable.delete': ['delete', '/schools/:school/timetable/:series'],
    'courseware.list': ['get', '/lessons/:lesson/courseware'],
    'courseware.add': ['post', '/lessons/:lesson/courseware'],
    'courseware.retry': ['post', '/lessons/:lesson/courseware/:courseware/retry'],
    'courseware.delete': ['delete', '/lessons/:lesson/courseware/:courseware'],
    'board.earlier': ['get', '/lessons/:lesson/earlier'],
    'board.bring': ['post', '/lessons/:lesson/earlier'],
    'pack.show': ['get', '/lessons/:lesson/pack'],
    'pack.report': ['post', '/lessons/:lesson/pack'],
    'pack.rooms': ['get', '/lessons/:lesson/packs'],
    'room.packs': ['get', '/rooms/:room/packs'],
    'update.list': ['get', '/updates'],
    'update.start': ['post', '/updates'],
    'update.halt': ['post', '/updates/:update/halt'],
    'update.return': ['post', '/updates/:update/return'],
    'fleet.command': ['post', '/fleet/commands'],
    'fleet.settings': ['post', '/fleet/settings'],
    'alert.list': ['get', '/alerts'],
    'alert.acknowledge': ['post', '/rooms/:room/alerts/:alert'],
    'alert.settings': ['get', '/alert-settings'],
    'alert.configure': ['post', '/alert-settings'],
    'alert.test': ['post', '/alert-settings/test'],
    'token.list': ['get', '/tokens'],
    'token.create': ['post', '/tokens'],
    'token.delete': ['delete', '/tokens/:token'],
  };

/** No answer within this is a lost link: the reader hears of it rather than waits. Milliseconds. */
const TIMEOUT = 20_000;

/** A failure before any answer: the link, not the server. */
export class NetworkError extends Error {
  override readonly name = 'NetworkError';
}

type QueryValues = Readonly<Record<string, string>>;

interface CallOptions<N extends RouteName> {
  /** Body of a post. */
  readonly input?: RouteInput<N>;
  /** Query of a get. */
  readonly query?: QueryValues;
  /** Values for `:name` in the route's path. */
  readonly params?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Goes on when the page is gone; for a few bytes. */
  readonly keepalive?: boolean;
}

/** Asks the server. Rejects with a TongkeError it answered, or with a NetworkError. */
export async function call<N extends RouteName>(
  name: N,
  { input, query = {}, params = {}, signal, keepalive = false }: CallOptions<N> = {},
): Promise<RouteOutput<N>> {
  const [method, path] = ROUTES[name];
  const place = BASE + path.replace(/:(\w+)/g, (_, key: string) => encodeURIComponent(params[key] ?? ''));
  const asked = new URLSearchParams(query).toString();
  const url = asked === '' ? place : `${place}?${asked}`;
  const response = await fetch(url, {
    method: method.toUpperCase(),
    credentials: 'same-origin',
    signal: withTimeout(signal),
    keepalive,
    ...(method === 'post' && {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(input),
    }),
  }).catch((error: unknown) => {
    throw signal?.aborted ? error : new NetworkError(`${name}: no answer`, { cause: error });
  });
  const answer = await read<RouteOutput<N>>(response);
  if (answer.ok) return answer.data;
  throw new TongkeError(answer.error.code, answer.error.message);
}

/** Aborts when the caller does, or after the timeout. */
function withTimeout(signal: AbortSignal | undefined): AbortSignal {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(new DOMException('no answer', 'TimeoutError')), TIMEOUT);
  abort.signal.addEventListener('abort', () => clearTimeout(timer));
  if (signal?.aborted) abort.abort(signal.reason);
  signal?.addEventListener('abort', () => abort.abort(signal.reason), { once: true });
  return abort.signal;
}

/** A proxy in between may answer with a page of its own; that is the link's fault too. */
async function read<T>(response: Response): Promise<Answer<T>> {
  const body: unknown = await response.json().catch((error: unknown) => {
    throw new NetworkError(`HTTP ${response.status} without an answer`, { cause: error });
  });
  if (isAnswer<T>(body)) return body;
  throw new NetworkError(`HTTP ${response.status} with a foreign answer`);
}

/** The envelope alone: the server, built from the same route table, has checked `data` already. */
function isAnswer<T>(body: unknown): body is Answer<T> {
  if (typeof body !== 'object' || body === null || !('ok' in body)) return false;
  if (body.ok === true) return 'data' in body;
  return 'error' in body && typeof body.error === 'object' && body.error !== null && 'code' in body.error;
}

export interface Query<T> {
  /** The last good answer, kept while a later one fails. */
  readonly data: T | null;
  /** Why the last question got no answer; null after a good one. */
  readonly error: unknown;
  /** When `data` came, wall clock, milliseconds. */
  readonly at: number;
  readonly again: () => void;
}

interface QueryOptions<N extends RouteName> {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: QueryValues;
  /** Ask again this often while the page is visible, milliseconds. */
  readonly every?: number;
  /**
   * Says of an answer whether it may be kept on this device, to be gone by until the next one is there: over a satellite that
   * is a second or two of every opening.
   */
  readonly keep?: (data: RouteOutput<N>) => boolean;
}

/** What is known from before is asked for again once a lesson that it names has been joined: on a thin link that is first, milliseconds. */
const KEPT_FOR = 4_000;

/** Asked before there is a page to ask it; the first that would ask takes the answer. */
const early = new Map<RouteName, Promise<unknown>>();

/** Asks ahead of `useQuery` without parameters, where nothing is kept of it: a round trip that nobody waits for. */
export function askEarly(name: RouteName): void {
  if (keptAnswer(name, JSON.stringify({ params: {}, query: {} }))) return;
  const asked = call(name);
  asked.catch(() => undefined); // rejects to who takes it
  early.set(name, asked);
}

function takeEarly<N extends RouteName>(name: N): Promise<RouteOutput<N>> | null {
  const asked = early.get(name) as Promise<RouteOutput<N>> | undefined;
  early.delete(name);
  return asked ?? null;
}

/** Waits between tries after failures, milliseconds; the last is repeated. */
const RETRY_DELAYS = [1000, 2000, 5000, 10_000];

/** Keeps the answer of a GET route: asks at once, again every so often, and again when the page is looked at. */
export function useQuery<N extends RouteName>(name: N, options: QueryOptions<N> = {}): Query<RouteOutput<N>> {
  const { every, keep } = options;
  const { params = {}, query = {} } = options;
  const asked = JSON.stringify({ params, query });
  const [result, setResult] = useState<Omit<Query<RouteOutput<N>>, 'again'>>(
    () => (keep && keptAnswer<N>(name, asked)) ?? { data: null, error: null, at: 0 },
  );
  const keeps = useRef(keep);
  keeps.current = keep;
  const isKept = useRef(result.data !== null);
  const wake = useRef<() => void>(() => {});

  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let failures = 0;
    const ask = async () => {
      clearTimeout(timer);
      try {
        const data = await (takeEarly(name) ?? call(name, { ...JSON.parse(asked), signal: abort.signal }));
        failures = 0;
        const answer = { data, error: null, at: Date.now() };
        setResult(answer);
        if (keeps.current) keepAnswer(name, keeps.current(data) ? { ...answer, asked } : null);
      } catch (error) {
        if (abort.signal.aborted) return;
        failures++;
        setResult((before) => ({ ...before, error }));
        if (error instanceof TongkeError && every === undefined) return; // an answer: asking again gives the same
      }
      const wait = failures > 0 ? RETRY_DELAYS[Math.min(failures, RETRY_DELAYS.length) - 1] : every;
      if (wait !== undefined && !abort.signal.aborted) timer = setTimeout(askIfSeen, wait);
    };
    const askIfSeen = () => {
      if (document.visibilityState === 'visible') void ask();
    };
    wake.current = () => void ask();
    document.addEventListener('visibilitychange', askIfSeen);
    if (isKept.current) timer = setTimeout(() => void ask(), KEPT_FOR);
    else void ask();
    isKept.current = false;
    return () => {
      abort.abort();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', askIfSeen);
    };
  }, [name, asked, every]);

  const again = useCallback(() => wake.current(), []);
  return { ...result, again };
}

/** Answers are kept by the build that read them: another may expect other shapes. */
const BUILD = import.meta.url;

/** One of a route: of lessons, say, the one that was opened last. */
function keepAnswer(name: RouteName, answer: object | null): void {
  remember(`${KEPT}${name}`, answer ? JSON.stringify({ ...answer, build: BUILD }) : '');
}

function keptAnswer<N extends RouteName>(
  name: N,
  asked: string,
): Omit<Query<RouteOutput<N>>, 'again'> | null {
  try {
    const kept = JSON.parse(remembered(`${KEPT}${name}`) || 'null');
    return kept?.build === BUILD && kept.asked === asked
      ? { data: kept.data, at: kept.at, error: null }
      : null;
  } catch {
    return null; // written by half, before the power went
  }
}
