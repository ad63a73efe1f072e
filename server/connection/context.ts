import type { OperationId } from '../../protocol/events.ts';
import type { Input, LinkQuality, Output, RequestName } from '../../protocol/requests.ts';
import type { Subject } from '../../protocol/roles.ts';
import type { Lessons, OpenLesson } from '../lessons/lessons.ts';
import type { MediaUser } from '../lessons/media-notice.ts';

/** What a handler is given: already parsed, already authorised. */
export interface Context {
  readonly subject: Subject;
  readonly user: MediaUser;
  /** The lesson the request is about. */
  readonly open: OpenLesson;
  /** Present with durable requests, and only with them. */
  readonly op?: OperationId;
  readonly lessons: Lessons;
  /** Makes the connection part of the lesson, or takes it out. */
  enter(open: OpenLesson): void;
  leave(): void;
  /** Tells the lead, and the one whose it is, how a link is. */
  reportLink(quality: LinkQuality): void;
}

export type Handler<N extends RequestName> = (context: Context, input: Input<N>) => Promise<Output<N>>;

/** A handler for every request: one that is missing does not compile. */
export type Handlers = { readonly [N in RequestName]: Handler<N> };
