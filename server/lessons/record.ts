import type { Localised } from '../../protocol/common.ts';
import type { Participant } from '../../protocol/events.ts';
import type { LessonMembers, Subject } from '../../protocol/roles.ts';

/** A lesson as the timetable knows it, with what others need of its course, rooms and class at hand. */
export interface LessonRecord {
  readonly id: string;
  readonly title: Localised;
  readonly course: Localised;
  readonly teacher: Localised;
  readonly school: Localised;
  readonly rooms: readonly Localised[];
  /** Wall time, milliseconds. */
  readonly startsAt: number;
  readonly endsAt: number;
  readonly state: 'ready' | 'live' | 'ended';
  /** Replays to be watched before it. */
  readonly before: readonly { readonly lesson: string; readonly title: Localised }[];
  readonly members: LessonMembers;
  /** Its replay was deleted: nobody is given anything of it any more. */
  readonly replayDeleted?: boolean;
}

/** The part of the store that live lessons need. */
export interface LessonRecords {
  find(id: string): Promise<LessonRecord | null>;
  /** Ids of lessons left live, by a server that stopped. */
  live(): Promise<string[]>;
  setState(id: string, state: LessonRecord['state']): Promise<void>;
  /** How this subject appears to others in a lesson; name and school, part left to the lesson. */
  describe(subject: Subject): Promise<Pick<Participant, 'name' | 'school'>>;
}
