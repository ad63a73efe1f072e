import { z } from 'zod';
import { boardInputs } from './board-events.ts';
import { type BoardParts, Wants } from './board-parts.ts';
import { Id, LessonTime } from './common.ts';
import {
  InkData,
  LogEntry,
  type OperationId,
  Part,
  ResyncReason,
  Stream,
  StreamSource,
  Trouble,
} from './events.ts';
import type { LessonState } from './lesson.ts';
import { LinkChoice, LinkReport } from './link.ts';
import {
  ConsumerOptions,
  DtlsParameters,
  FeedOptions,
  IceParameters,
  IceServer,
  MediaId,
  RtpCapabilities,
  RtpParameters,
  TransportOptions,
} from './media.ts';
import type { Permission } from './roles.ts';
import { PROTOCOL_VERSION } from './version.ts';

interface RequestSpec<I extends z.ZodType, O extends z.ZodType> {
  /** Asked of the lesson that the connection has joined; `lesson.join` of the one it names. */
  readonly may: Permission;
  readonly input: I;
  readonly output: O;
  /**
   * Becomes an entry of the log under the client's own count, is kept by the client until acknowledged, sent
   * again after a reconnect, and takes effect once.
   */
  readonly durable?: true;
}

/** Keeps each row's own type, so that `durable` and the shapes can be told from it. */
function request<const S extends RequestSpec<z.ZodType, z.ZodType>>(spec: S): S {
  return spec;
}

const Nothing = z.object({});
const Done = z.object({});
/** Where a durable request stands in the log; absent where it had no effect left to have. */
const Logged = z.object({ seq: z.number().int().optional() });
const Whom = z.object({ participant: Id });

/** What anybody does who may write. */
function write<I extends z.ZodType>(input: I) {
  return request({ may: 'board.write', durable: true, input, output: Logged });
}

/** What the lead alone does to the board. */
function arrange<I extends z.ZodType>(input: I) {
  return request({ may: 'lesson.lead', durable: true, input, output: Logged });
}

/** A whole state, as `reduce` makes it; checked by its maker, not read again field by field. */
export const Snapshot = z.custom<LessonState>((value) => typeof value === 'object' && value !== null);

/** Letters of JSON; a third of it on the wire. */
export const LARGEST_PART = 256_000;

const Parts = z.custom<BoardParts>(
  (value) => typeof value === 'object' && value !== null && 'pages' in value,
);

/** Every socket request there is. A new feature is a row here, a handler, and a case in `reduce`. */
export const requests = {
  /** Also how one comes back: `since` is the last `seq` seen, and the answer is what was missed. */
  'lesson.join': request({
    may: 'lesson.attend',
    input: z.object({
      lesson: Id,
      since: z.number().int().min(0).optional(),
      /** What is long comes in parts: a snapshot's pages are empty, and `rest` says what fills them; entries come some at a time. */
      parts: z.literal(true).optional(),
      /** Why one who is here already joins again: it is put into the log. `at` is the last entry that it had. */
      resync: z.object({ reason: ResyncReason, at: z.number().int().min(0) }).optional(),
    }),
    output: z.object({
      you: z.object({ participant: Id, part: Part }),
      /** Lesson time at the server when it answered: clients keep the lesson's clock from it. */
      now: LessonTime,
      snapshot: Snapshot.optional(),
      /** `of` names the board that the snapshot was made of, for `lesson.parts`. */
      rest: z.object({ of: z.number().int(), parts: Parts }).optional(),
      entries: z.array(LogEntry),
      /** In their place, to who takes parts: as an `EntriesEncoder` of its own codes them, in base64url. */
      missed: z.string().optional(),
      /** There are more than these: join again, since the last. */
      more: z.literal(true).optional(),
    }),
  }),
  /** More of the board that one joined; `not_found` once the server has let go of it: join again. */
  'lesson.parts': request({
    may: 'lesson.attend',
    input: z.object({
      of: z.number().int().min(0),
      wants: Wants,
      /** About how many letters of JSON the answer may have: on a thin link, ink waits behind it. */
      room: z.number().int().min(1_000).max(LARGEST_PART),
    }),
    output: Parts,
  }),
  'lesson.leave': request({ may: 'lesson.attend', input: Nothing, output: Done }),
  'lesson.start': request({ may: 'lesson.lead', input: Nothing, output: Done }),
  'lesson.pause': request({ may: 'lesson.lead', input: Nothing, output: Done }),
  'lesson.resume': request({ may: 'lesson.lead', input: Nothing, output: Done }),
  'lesson.end': request({ may: 'lesson.lead', input: Nothing, output: Done }),

  'hand.raise': request({ may: 'lesson.respond', input: Nothing, output: Done }),
  'hand.lower': request({ may: 'lesson.respond', input: Nothing, output: Done }),
  'stage.call': request({ may: 'lesson.lead', input: Whom, output: Done }),
  'stage.dismiss': request({ may: 'lesson.lead', input: Whom, output: Done }),
  'stage.mute': request({ may: 'lesson.lead', input: Whom.extend({ muted: z.boolean() }), output: Done }),
  /** One's own devices, while one is called: the teacher is told why nobody is heard. */
  'stage.trouble': request({
    may: 'lesson.speak',
    input: z.object({ trouble: Trouble.nullable() }),
    output: Done,
  }),
  'chat.say': request({
    may: 'lesson.respond',
    durable: true,
    input: z.object({ text: z.string().trim().min(1).max(500) }),
    output: Logged,
  }),

  'page.add': arrange(boardInputs.pageAdded),
  'page.turn': arrange(boardInputs.pageTurned),
  'page.copy': arrange(boardInputs.pageCopied),
  'page.move': arrange(boardInputs.pageMoved),
  'page.remove': arrange(boardInputs.pageRemoved),
  'ink.draw': write(boardInputs.inkDrawn),
  'ink.erase': write(boardInputs.inkErased),
  'ink.cut': write(boardInputs.inkCut),
  'ink.clear': arrange(boardInputs.inkCleared),
  'ink.undo': write(boardInputs.inkTravelled),
  'ink.redo': write(boardInputs.inkTravelled),
  'item.add': write(boardInputs.itemAdded),
  'item.change': write(boardInputs.itemChanged),
  'marks.move': write(boardInputs.marksMoved),
  'marks.copy': write(boardInputs.marksCopied),
  'marks.order': write(boardInputs.marksOrdered),
  /** Of the moment: only the last one matters, so that none is kept to be sent again. */
  'page.view': request({ may: 'lesson.lead', input: boardInputs.viewMoved, output: Done }),
  'ink.veil': request({ may: 'lesson.lead', input: boardInputs.inkVeiled, output: Done }),
  'writers.change': request({
    may: 'lesson.lead',
    input: z.object({ participant: Id.optional(), may: z.boolean() }),
    output: Done,
  }),
  /** Fleeting: not kept by the client, not sent again. */
  'laser.move': request({ may: 'board.write', input: z.object({ page: Id, data: InkData }), output: Done }),

  'media.join': request({
    may: 'lesson.attend',
    input: z.object({ rtpCapabilities: RtpCapabilities.optional() }),
    output: z.object({ rtpCapabilities: RtpCapabilities }),
  }),
  'media.open': request({
    may: 'lesson.attend',
    input: z.object({
      direction: z.enum(['send', 'receive']),
      datagrams: z.boolean().optional(),
      /** Of who receives, for voices: with them the voices of the lesson flow without being asked for. */
      rtpCapabilities: RtpCapabilities.optional(),
      /** Where they are known beforehand; `media.connect` brings them otherwise. */
      dtlsParameters: DtlsParameters.optional(),
    }),
    output: TransportOptions.extend({
      iceServers: z.array(IceServer).optional(),
      /** DTLS parameters came with the request: nothing more needs to be said for it to connect. */
      isConnecting: z.literal(true).optional(),
      voices: z.array(z.object({ stream: MediaId, consumer: ConsumerOptions })).optional(),
    }),
  }),
  'media.connect': request({
    may: 'lesson.attend',
    input: z.object({ transport: MediaId, dtlsParameters: DtlsParameters }),
    output: Done,
  }),
  /** Fresh entries over datagrams as well (`feed-line.ts`), as soon as the link is found to be lossy. */
  'media.feed': request({
    may: 'lesson.attend',
    input: z.object({ transport: MediaId }),
    output: FeedOptions,
  }),
  'media.restart': request({
    may: 'lesson.attend',
    input: z.object({ transport: MediaId }),
    output: z.object({ iceParameters: IceParameters, iceServers: z.array(IceServer).optional() }),
  }),
  'media.produce': request({
    may: 'lesson.speak',
    input: z.object({
      transport: MediaId,
      source: StreamSource,
      rtpParameters: RtpParameters,
      thin: z.literal(true).optional(),
      music: z.literal(true).optional(),
    }),
    output: z.object({ stream: Stream }),
  }),
  /** Silences or continues one's own stream without closing it. */
  'media.hold': request({
    may: 'lesson.attend',
    input: z.object({ stream: MediaId, held: z.boolean() }),
    output: Done,
  }),
  'media.close': request({ may: 'lesson.attend', input: z.object({ stream: MediaId }), output: Done }),
  'media.consume': request({
    may: 'lesson.attend',
    input: z.object({
      transport: MediaId,
      stream: MediaId,
      /** For streams of this kind; once a transport is enough. */
      rtpCapabilities: RtpCapabilities.optional(),
      /** Without waiting for a `media.receive`. */
      flowing: z.literal(true).optional(),
    }),
    output: ConsumerOptions,
  }),
  'media.receive': request({
    may: 'lesson.attend',
    input: z.object({
      consumer: MediaId,
      paused: z.boolean(),
      layers: z
        .object({ spatial: z.number().int().min(0).max(3), temporal: z.number().int().min(0).max(3) })
        .optional(),
    }),
    output: Done,
  }),
  /** Every few seconds, and at once when the voice suffers; the ladder goes by it, and the teacher sees it. */
  'link.report': request({
    may: 'lesson.attend',
    input: LinkReport,
    output: Done,
  }),
  /** To be spared what one's link could carry: data costs money, or the picture distracts. */
  'link.choose': request({
    may: 'lesson.attend',
    input: z.object({ choice: LinkChoice }),
    output: Done,
  }),
} as const;

export type RequestName = keyof typeof requests;
export type Input<N extends RequestName> = z.output<(typeof requests)[N]['input']>;
export type Output<N extends RequestName> = z.output<(typeof requests)[N]['output']>;
export type DurableName = {
  [N in RequestName]: (typeof requests)[N] extends { durable: true } ? N : never;
}[RequestName];

export function isRequestName(name: string): name is RequestName {
  return Object.hasOwn(requests, name);
}

/** What travels under the socket event `request`. `op` goes with durable requests and only with them. */
export const RequestEnvelope = z.object({
  name: z.string().max(40),
  input: z.unknown(),
  op: z.object({ client: Id, n: z.number().int().min(1) }).optional(),
});
export type RequestEnvelope = z.infer<typeof RequestEnvelope>;

/** A request that travels with the connection itself, and is answered by `answered`: over a satellite 600 ms sooner. */
export const AheadRequest = RequestEnvelope.omit({ op: true }).strict();
export type AheadRequest = z.infer<typeof AheadRequest>;

/** What a client says as it connects: socket.io's `auth`. */
export const Hello = z.object({
  version: z.literal(PROTOCOL_VERSION),
  /** Answered by their places in this list. Joining is the first of them, if it is among them. */
  ahead: z.array(AheadRequest).max(2).default([]),
});

export const LinkQuality = z.enum(['good', 'fair', 'poor']);
export type LinkQuality = z.infer<typeof LinkQuality>;

/** What the server tells one client that is nobody's history: it is true now and is not logged. */
export const Notice = z.discriminatedUnion('type', [
  /** Who is heard, dBov (-127..0) by participant. */
  z.object({ type: z.literal('levels'), levels: z.record(Id, z.number()) }),
  z.object({ type: z.literal('links'), links: z.record(Id, LinkQuality) }),
  z.object({ type: z.literal('consumer.closed'), consumer: MediaId }),
  /** The server sends nothing of it, or sends it again: what one's link carries has changed. */
  z.object({ type: z.literal('consumer.paused'), consumer: MediaId, paused: z.boolean() }),
  z.object({ type: z.literal('transport.closed'), transport: MediaId }),
  /** The digest of the state after entry `seq`: whose is another begins anew. */
  z.object({ type: z.literal('mark'), seq: z.number().int(), digest: z.string() }),
  /** The session was ended or taken away: sign in again. */
  z.object({ type: z.literal('signed_out') }),
  z.object({ type: z.literal('shutting_down') }),
]);
export type Notice = z.infer<typeof Notice>;

/** socket.io's typed event maps, for both ends; `wire.ts` is how they travel. */
export interface ClientToServer {
  request: (envelope: unknown, answer: (value: unknown) => void) => void;
  /** A durable request, as `operations-line.ts` codes it. Its entry is the acknowledgement; `performed` where none comes. */
  perform: (operation: Uint8Array) => void;
  /** Every entry up to this one is there, by datagrams: the socket need not bring it. */
  fed: (seq: number) => void;
}
export interface ServerToClient {
  /** As `entries-line.ts` codes them. */
  entries: (entries: Uint8Array) => void;
  /** The answer to an operation that was refused, or had no effect left to have. */
  performed: (op: OperationId, answer: unknown) => void;
  notice: (notice: Notice) => void;
  /** To a request that came ahead, by its place in the list. */
  answered: (place: number, answer: unknown) => void;
}
