import { z } from 'zod';
import { boardEvents, InkData } from './board-events.ts';
import { CeilingKbps } from './ceilings.ts';
import { Id, LessonTime, Localised, WallTime } from './common.ts';
import { LinkChoice, Rung } from './link.ts';

export {
  Brush,
  Colour,
  InkData,
  PAGE_HEIGHT,
  PAGE_WIDTH,
  Page,
  PageKind,
  PaperKind,
} from './board-events.ts';

/** What someone is in one lesson; it follows from the lesson's own record, not from the account alone. */
export const Part = z.enum(['lead', 'local', 'room', 'student', 'observer']);
export type Part = z.infer<typeof Part>;

export const Participant = z.object({
  id: Id,
  part: Part,
  name: Localised,
  school: Localised.optional(),
});
export type Participant = z.infer<typeof Participant>;

/** What is the matter with a device; a sentence each under `device.<code>`. */
export const Trouble = z.enum([
  'insecure_origin',
  'camera_refused',
  'camera_missing',
  'camera_busy',
  'microphone_refused',
  'microphone_missing',
  'microphone_busy',
  'device_failed',
]);
export type Trouble = z.infer<typeof Trouble>;

export const StreamSource = z.enum(['mic', 'camera', 'screen']);
export type StreamSource = z.infer<typeof StreamSource>;

/** A voice or a picture that someone sends. `id` is the producer's id on the media node. */
export const Stream = z.object({
  id: Id.or(z.uuid()),
  participant: Id,
  source: StreamSource,
  /** The same voice once more, in fewer bits, for those whose link carries no other. */
  thin: z.literal(true).optional(),
});
export type Stream = z.infer<typeof Stream>;

/** `voice`: without pictures, for which there is no space. `failed`: it will be tried again. */
export const RecordingMark = z.enum(['on', 'voice', 'off', 'failed']);
export type RecordingMark = z.infer<typeof RecordingMark>;

export const ResyncReason = z.enum(['gap', 'difference']);
export type ResyncReason = z.infer<typeof ResyncReason>;

export const LessonEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('lesson.started'), at: WallTime }),
  z.object({ type: z.literal('lesson.paused') }),
  z.object({ type: z.literal('lesson.resumed') }),
  z.object({ type: z.literal('lesson.ended'), reason: z.enum(['teacher', 'timeout']) }),

  z.object({ type: z.literal('participant.joined'), participant: Participant }),
  z.object({ type: z.literal('participant.left'), participant: Id }),
  /** Their client missed entries, or its state after entry `at` was not the log's: it has begun anew from the log. */
  z.object({
    type: z.literal('participant.resynced'),
    participant: Id,
    reason: ResyncReason,
    at: z.number().int(),
  }),

  z.object({ type: z.literal('hand.raised'), participant: Id }),
  z.object({ type: z.literal('hand.lowered'), participant: Id }),
  z.object({ type: z.literal('stage.called'), participant: Id }),
  z.object({ type: z.literal('stage.dismissed'), participant: Id }),
  z.object({ type: z.literal('stage.muted'), participant: Id, muted: z.boolean() }),

  /** Someone who was called cannot be heard or seen: why, or null where they can again. */
  z.object({ type: z.literal('stage.troubled'), participant: Id, trouble: Trouble.nullable() }),

  z.object({ type: z.literal('stream.opened'), stream: Stream }),
  z.object({ type: z.literal('stream.closed'), stream: Stream.shape.id }),
  /** Media lives on another worker now; every transport is gone and senders produce again. */
  z.object({ type: z.literal('media.moved') }),
  /** What this participant is given from now on, and what they chose to be spared. */
  z.object({
    type: z.literal('link.changed'),
    participant: Id,
    rung: Rung,
    choice: LinkChoice,
    /** What a technician lets their line be asked for, kbit/s; absent where nothing holds. */
    ceilingKbps: CeilingKbps.optional(),
    /** The most that a technician lets them be given; absent where nothing is set. */
    allowed: LinkChoice.optional(),
  }),
  z.object({ type: z.literal('recording.changed'), recording: RecordingMark }),

  z.object({ type: z.literal('chat.said'), text: z.string().trim().min(1).max(500) }),

  /** Lets someone write on the board, or no longer; without `participant`, everyone. */
  z.object({ type: z.literal('writers.changed'), participant: Id.optional(), may: z.boolean() }),
  ...boardEvents,
  /** A trace that fades: points coded as ink, relative to nothing before them. */
  z.object({ type: z.literal('laser.moved'), page: Id, data: InkData }),
]);
export type LessonEvent = z.infer<typeof LessonEvent>;

/** Who asked, and their own count of what they asked: how a message sent twice is recognised. */
export const OperationId = z.object({ client: Id, n: z.number().int().min(1) });
export type OperationId = z.infer<typeof OperationId>;

/** One line of a lesson's log. `seq` counts from 1 without gaps; `t` never decreases. */
export const LogEntry = z.object({
  seq: z.number().int().min(1),
  t: LessonTime,
  /** The participant who did it; absent where the server did. */
  actor: Id.optional(),
  op: OperationId.optional(),
  event: LessonEvent,
});
export type LogEntry = z.infer<typeof LogEntry>;
