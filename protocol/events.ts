import { z } from 'zod';
import { Id, LessonTime, Localised, WallTime } from './common.ts';
import { LinkChoice, Rung } from './link.ts';

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

export const StreamSource = z.enum(['mic', 'camera', 'screen']);
export type StreamSource = z.infer<typeof StreamSource>;

/** A voice or a picture that someone sends. `id` is the producer's id on the media node. */
export const Stream = z.object({ id: Id.or(z.uuid()), participant: Id, source: StreamSource });
export type Stream = z.infer<typeof Stream>;

export const PAGE_WIDTH = 1920;
export const PAGE_HEIGHT = 1080;

export const PageKind = z.enum(['blank', 'grid']);
export type PageKind = z.infer<typeof PageKind>;

export const Page = z.object({ id: Id, kind: PageKind });
export type Page = z.infer<typeof Page>;

export const Colour = z.string().regex(/^#[0-9a-f]{6}$/);

export const Brush = z.object({
  tool: z.enum(['pen', 'highlighter']),
  colour: Colour,
  /** Board units at full pressure; the page is 1920 wide. */
  width: z.number().min(1).max(96),
  /** Grid steps per board unit: 1, or more when writing zoomed in. */
  grid: z.union([z.literal(1), z.literal(2), z.literal(4), z.literal(8)]).default(1),
});
export type Brush = z.infer<typeof Brush>;

/** Coded points, base64url: see `ink.ts`. A batch holds at most 4,096 points. */
export const InkData = z
  .string()
  .max(16_384)
  .regex(/^[A-Za-z0-9_-]*$/);

export const LessonEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('lesson.started'), at: WallTime }),
  z.object({ type: z.literal('lesson.paused') }),
  z.object({ type: z.literal('lesson.resumed') }),
  z.object({ type: z.literal('lesson.ended'), reason: z.enum(['teacher', 'timeout']) }),

  z.object({ type: z.literal('participant.joined'), participant: Participant }),
  z.object({ type: z.literal('participant.left'), participant: Id }),

  z.object({ type: z.literal('hand.raised'), participant: Id }),
  z.object({ type: z.literal('hand.lowered'), participant: Id }),
  z.object({ type: z.literal('stage.called'), participant: Id }),
  z.object({ type: z.literal('stage.dismissed'), participant: Id }),
  z.object({ type: z.literal('stage.muted'), participant: Id, muted: z.boolean() }),

  z.object({ type: z.literal('stream.opened'), stream: Stream }),
  z.object({ type: z.literal('stream.closed'), stream: Stream.shape.id }),
  /** Media lives on another worker now; every transport is gone and senders produce again. */
  z.object({ type: z.literal('media.moved') }),
  /** What this participant is given from now on, and what they chose to be spared. */
  z.object({ type: z.literal('link.changed'), participant: Id, rung: Rung, choice: LinkChoice }),
  z.object({ type: z.literal('recording.changed'), recording: z.enum(['on', 'off', 'failed']) }),

  z.object({ type: z.literal('chat.said'), text: z.string().trim().min(1).max(500) }),

  z.object({ type: z.literal('page.added'), page: Page, after: Id.optional() }),
  z.object({ type: z.literal('page.turned'), page: Id }),

  /** The first batch of a stroke carries `page` and `brush`; the batch that lifts the pen carries `done`. */
  z.object({
    type: z.literal('ink.drawn'),
    stroke: Id,
    page: Id.optional(),
    brush: Brush.optional(),
    data: InkData,
    done: z.literal(true).optional(),
  }),
  z.object({ type: z.literal('ink.erased'), page: Id, strokes: z.array(Id).min(1).max(1000) }),
  /** Takes back, or does again, the actor's own last action on that page. */
  z.object({ type: z.literal('ink.undone'), page: Id }),
  z.object({ type: z.literal('ink.redone'), page: Id }),
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
