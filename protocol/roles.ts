import { z } from 'zod';
import type { Part } from './events.ts';
import { isWriter, type LessonState } from './lesson.ts';

/** What an account is in its school. A `room` is a device: a screen, a camera and a microphone, not a person. */
export const Role = z.enum(['teacher', 'student', 'technician', 'administrator', 'observer', 'room']);
export type Role = z.infer<typeof Role>;

/** Who asks. */
export interface Subject {
  readonly id: string;
  readonly role: Role;
  readonly school: string;
}

/** Whom a lesson concerns: enough of its record to know who someone is in it. */
export interface LessonMembers {
  readonly lead: string;
  readonly locals: readonly string[];
  readonly rooms: readonly string[];
  readonly students: readonly string[];
  /** Schools that teach or receive it; their observers may watch. */
  readonly schools: readonly string[];
}

/** What a request is asked of. `state` is absent for a lesson that is not open. */
export interface LessonScope {
  readonly members: LessonMembers;
  readonly state?: LessonState;
}

export const Permission = z.enum([
  'anyone', // signed in or not
  'signed_in',
  'lesson.attend', // see it in lists, join it, hear, see, and watch its replay
  'lesson.lead', // start, end, call on, send back, turn pages
  'lesson.speak', // send voice and picture
  'lesson.respond', // raise a hand, write in the chat
  'board.write',
]);
export type Permission = z.infer<typeof Permission>;

/** Who `subject` is in a lesson, or null where it is none of theirs. */
export function partIn(members: LessonMembers, subject: Subject): Part | null {
  if (members.lead === subject.id) return 'lead';
  if (members.locals.includes(subject.id)) return 'local';
  if (members.rooms.includes(subject.id)) return 'room';
  if (members.students.includes(subject.id)) return 'student';
  const observes = subject.role === 'observer' || subject.role === 'administrator';
  return observes && members.schools.includes(subject.school) ? 'observer' : null;
}

/**
 * The one answer to "may they?", asked once for every request, over sockets and HTTP alike.
 * A permission about lessons without a lesson to ask about is refused.
 */
export function can(subject: Subject | null, permission: Permission, scope?: LessonScope): boolean {
  if (permission === 'anyone') return true;
  if (!subject) return false;
  if (permission === 'signed_in') return true;
  const part = scope ? partIn(scope.members, subject) : null;
  if (!scope || !part) return false;
  switch (permission) {
    case 'lesson.attend':
      return true;
    case 'lesson.lead':
      return part === 'lead';
    case 'board.write':
      return (
        part === 'lead' ||
        (part !== 'observer' && scope.state !== undefined && isWriter(scope.state, subject.id))
      );
    case 'lesson.speak':
      return part === 'lead' || (part !== 'observer' && scope.state?.stage.includes(subject.id) === true);
    case 'lesson.respond':
      return part !== 'observer';
  }
}
