import { type Board, EMPTY_BOARD, reduceBoard } from './board.ts';
import { isBoardEvent } from './board-events.ts';
import { own } from './common.ts';
import type { LessonEvent, LogEntry, Participant, RecordingMark, Stream, Trouble } from './events.ts';
import type { LinkChoice, Rung } from './link.ts';

export { digest } from './digest.ts';

/**
 * A lesson's live state: the fold of its log, the same on server, clients and replays. Plain JSON.
 * Invariant: two holders of the same `seq` hold equal states (`digest`).
 */
export interface LessonState {
  /** The last entry folded in; 0 for a log without entries. */
  readonly seq: number;
  readonly t: number;
  readonly phase: 'ready' | 'live' | 'paused' | 'ended';
  /** Lesson times at which it was started and ended. */
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly recording: RecordingMark;
  /** Everyone who has been here, present or not. */
  readonly people: Readonly<Record<string, Presence>>;
  /** Who has been called on: they may speak and be seen, besides the lead. */
  readonly stage: readonly string[];
  readonly streams: Readonly<Record<string, Stream>>;
  /** Whom the lead lets write on the board; `EVERYONE` stands for all. */
  readonly writers: readonly string[];
  readonly board: Board;
  readonly chat: readonly ChatLine[];
  /** Per client, the count of its last operation in the log: recognises what is sent twice. */
  readonly operations: Readonly<Record<string, number>>;
  /** Whose each client is: everybody sees these ids, and only their owner may count on under them. */
  readonly clients: Readonly<Record<string, string>>;
}

export interface Presence extends Participant {
  readonly online: boolean;
  /** Lesson time at which the hand went up, or null. */
  readonly hand: number | null;
  /** Silenced by the lead while on stage. */
  readonly muted: boolean;
  /** Why they cannot be heard or seen though they were called; absent where they can. */
  readonly trouble?: Trouble;
  /** What they receive; absent until it was first decided. */
  readonly rung?: Rung;
  readonly choice?: LinkChoice;
  /** What a technician lets their line be asked for, kbit/s; absent where nothing holds. */
  readonly ceilingKbps?: number;
  /** The most that a technician lets them be given; absent where nothing is set. */
  readonly allowed?: LinkChoice;
}

export interface ChatLine {
  readonly seq: number;
  readonly t: number;
  readonly by: string;
  readonly text: string;
}

/** Among writers: nobody's id, since those begin with a letter. */
export const EVERYONE = '*';

/** Chat lines kept in state; earlier ones stay in the log. */
const CHAT_LIMIT = 200;

export const EMPTY_LESSON: LessonState = {
  seq: 0,
  t: 0,
  phase: 'ready',
  startedAt: null,
  endedAt: null,
  recording: 'off',
  people: {},
  stage: [],
  streams: {},
  writers: [],
  board: EMPTY_BOARD,
  chat: [],
  operations: {},
  clients: {},
};

/** Pure and total: any entry applies to any state; one that makes no sense there changes only `seq` and `t`. */
export function reduce(state: LessonState, entry: LogEntry): LessonState {
  const next = apply(state, entry.event, entry.actor ?? '', entry.t, entry.seq);
  const { op } = entry;
  return {
    ...next,
    seq: entry.seq,
    t: entry.t,
    ...(op && {
      operations: { ...next.operations, [op.client]: op.n },
      clients: own(next.clients, op.client)
        ? next.clients
        : { ...next.clients, [op.client]: entry.actor ?? '' },
    }),
  };
}

function apply(state: LessonState, event: LessonEvent, actor: string, t: number, seq: number): LessonState {
  if (isBoardEvent(event)) {
    const board = reduceBoard(state.board, event, actor, t);
    return board === state.board ? state : { ...state, board };
  }
  switch (event.type) {
    case 'lesson.started':
      return { ...state, phase: 'live', startedAt: state.startedAt ?? t };
    case 'lesson.paused':
      return { ...state, phase: 'paused' };
    case 'lesson.resumed':
      return { ...state, phase: 'live' };
    case 'lesson.ended':
      return { ...state, phase: 'ended', endedAt: t, stage: [], streams: {}, writers: [] };
    case 'participant.joined': {
      const known = own(state.people, event.participant.id);
      const presence = { hand: null, muted: false, ...known, ...event.participant, online: true };
      return { ...state, people: { ...state.people, [presence.id]: presence } };
    }
    case 'participant.left': {
      const untroubled = changeTrouble(state, event.participant, null);
      const gone = patchPresence(untroubled, event.participant, { online: false, hand: null });
      return { ...gone, stage: gone.stage.filter((id) => id !== event.participant) };
    }
    case 'hand.raised':
      return patchPresence(state, event.participant, { hand: t });
    case 'hand.lowered':
      return patchPresence(state, event.participant, { hand: null });
    case 'stage.called': {
      const called = patchPresence(state, event.participant, { hand: null, muted: false });
      const others = called.stage.filter((id) => id !== event.participant);
      return own(state.people, event.participant)
        ? { ...called, stage: [...others, event.participant] }
        : state;
    }
    case 'stage.dismissed': {
      const stage = state.stage.filter((id) => id !== event.participant);
      return { ...changeTrouble(state, event.participant, null), stage };
    }
    case 'stage.troubled':
      return changeTrouble(state, event.participant, event.trouble);
    case 'stage.muted':
      return patchPresence(state, event.participant, { muted: event.muted });
    case 'stream.opened':
      return { ...state, streams: { ...state.streams, [event.stream.id]: event.stream } };
    case 'stream.closed': {
      const { [event.stream]: _closed, ...streams } = state.streams;
      return { ...state, streams };
    }
    case 'media.moved':
      return { ...state, streams: {} };
    case 'link.changed':
      return changeLink(state, event);
    case 'recording.changed':
      return { ...state, recording: event.recording };
    case 'chat.said':
      return { ...state, chat: [...state.chat, { seq, t, by: actor, text: event.text }].slice(-CHAT_LIMIT) };
    case 'writers.changed':
      return changeWriters(state, event.participant ?? EVERYONE, event.may);
    case 'laser.moved': // it fades: views draw it from the entry, nothing keeps it
    case 'participant.resynced':
      return state;
  }
}

/** Taking it back from everyone takes it back from each: a quiet board is one press away. */
function changeWriters(state: LessonState, whom: string, may: boolean): LessonState {
  if (whom === EVERYONE) return { ...state, writers: may ? [EVERYONE] : [] };
  // One of everyone is left out: from then on the others are named.
  const named = !may && state.writers.includes(EVERYONE) ? Object.keys(state.people) : state.writers;
  const others = named.filter((id) => id !== whom);
  return { ...state, writers: may ? [...others, whom] : others };
}

/** Whether someone besides the lead may write on the board now. */
export function isWriter({ writers }: LessonState, participant: string): boolean {
  return writers.includes(EVERYONE) || writers.includes(participant);
}

function changeTrouble(state: LessonState, id: string, trouble: Trouble | null): LessonState {
  const known = own(state.people, id);
  if (!known || known.trouble === (trouble ?? undefined)) return state;
  const { trouble: _former, ...rest } = known;
  return { ...state, people: { ...state.people, [id]: { ...rest, ...(trouble && { trouble }) } } };
}

function changeLink(state: LessonState, event: Extract<LessonEvent, { type: 'link.changed' }>): LessonState {
  const known = own(state.people, event.participant);
  if (!known) return state;
  const { ceilingKbps: _ceiling, allowed: _allowed, ...rest } = known;
  const { rung, choice, ceilingKbps, allowed } = event;
  const limits = { ...(ceilingKbps !== undefined && { ceilingKbps }), ...(allowed && { allowed }) };
  const person = { ...rest, rung, choice, ...limits };
  return { ...state, people: { ...state.people, [known.id]: person } };
}

function patchPresence(state: LessonState, id: string, patch: Partial<Presence>): LessonState {
  const known = own(state.people, id);
  return known ? { ...state, people: { ...state.people, [id]: { ...known, ...patch } } } : state;
}
