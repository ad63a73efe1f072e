import { z } from 'zod';
import type { Part } from './events.ts';
import { isWriter, type LessonState } from './lesson.ts';
import type { Audience } from './replay-edit.ts';
import { type TokenUse, tokenAllows } from './tokens.ts';

/** What an account is in its school. A `room` is a device: a screen, a camera and a microphone, not a person. */
export const Role = z.enum(['teacher', 'student', 'technician', 'administrator', 'observer', 'room']);
export type Role = z.infer<typeof Role>;

/** Who asks. */
export interface Subject {
  readonly id: string;
  readonly role: Role;
  readonly school: string;
  /** Further schools that a technician or administrator looks after. */
  readonly serves?: readonly string[];
  /** Present where a program asks in their name: it may what both may. */
  readonly token?: TokenUse;
}

/** Whom a lesson concerns: enough of its record to know who someone is in it. */
export interface LessonMembers {
  readonly lead: string;
  readonly locals: readonly string[];
  readonly rooms: readonly string[];
  readonly students: readonly string[];
  /** Schools that teach or receive it; their observers may watch. */
  readonly schools: readonly string[];
  /** The school that teaches it, or took it in. */
  readonly home?: string;
  /** Whether that school lets its lead delete the replay. */
  readonly leadDeletes?: boolean;
  /** Who may watch it once it is over; absent: those it concerns. */
  readonly audience?: Audience;
}

/** What a request is asked of. `state` is absent for a lesson that is not open. */
export interface LessonScope {
  readonly members: LessonMembers;
  readonly state?: LessonState;
  /** Who asks came by a link to this lesson's replay that is good now. */
  readonly shared?: boolean;
}

/** What belongs to a school: its rooms, its devices, its timetable. */
export interface SchoolScope {
  readonly school: string;
}

export const Permission = z.enum([
  'anyone', // signed in or not
  'signed_in',
  'account.own', // what is one's own: tokens for programs; of people, by themselves
  'lesson.attend', // see it in lists, join it, hear, see
  'lesson.lead', // start, end, call on, send back, turn pages
  'lesson.speak', // send voice and picture
  'lesson.respond', // raise a hand, write in the chat
  'board.write',
  'replay.watch', // its playlists, segments, log and captions
  'replay.ask', // a question to its teacher, at a time of it
  'replay.answer', // those questions; and see what of it was watched
  'replay.keep', // take a copy of it away
  'replay.export', // pack it for another school
  'replay.edit', // trim, hide, name, publish, share, archive
  'replay.original', // what was hidden, until it is erased: the administrator of its own school, who may erase it at once
  'replay.again', // what could not be made of a lesson is tried once more: whoever serves its own school, who need not see it
  'replay.delete', // for good: the administrator of its own school; its lead where that school lets them
  'courier.manage', // take replays to other schools and in from them
  'room.list', // the rooms of the schools one serves
  'room.manage', // one room and its devices: see, pair, revoke, command, name, note; asked of its school
  'alert.own', // how one is told of alerts
  'timetable.manage', // asked of a school
  'storage.rule', // how long a school keeps its replays
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

const SERVING: readonly Role[] = ['technician', 'administrator'];

/** The schools whose rooms `subject` looks after. */
export function schoolsServed(subject: Subject): readonly string[] {
  return SERVING.includes(subject.role) ? [subject.school, ...(subject.serves ?? [])] : [];
}

/**
 * The one answer to "may they?", asked once for every request, over sockets and HTTP alike.
 * A permission about a lesson or a school without one to ask about is refused.
 */
export function can(
  subject: Subject | null,
  permission: Permission,
  scope?: LessonScope | SchoolScope,
): boolean {
  if (permission === 'anyone') return true;
  if (permission === 'replay.watch' && scope && 'members' in scope && scope.shared) return true;
  if (!subject) return false;
  if (subject.token && !tokenAllows(subject.token, permission)) return false;
  switch (permission) {
    case 'signed_in':
      return true;
    case 'account.own':
      return subject.role !== 'room';
    case 'courier.manage':
      return subject.role === 'administrator';
    case 'room.list':
    case 'alert.own':
      return SERVING.includes(subject.role);
    case 'room.manage':
      return scope !== undefined && 'school' in scope && schoolsServed(subject).includes(scope.school);
    case 'timetable.manage':
    case 'storage.rule':
      return (
        subject.role === 'administrator' &&
        scope !== undefined &&
        'school' in scope &&
        schoolsServed(subject).includes(scope.school)
      );
    default:
      return scope !== undefined && 'members' in scope && canInLesson(subject, permission, scope);
  }
}

type LessonPermission = Extract<Permission, `lesson.${string}` | `replay.${string}` | 'board.write'>;

function canInLesson(subject: Subject, permission: LessonPermission, scope: LessonScope): boolean {
  const part = partIn(scope.members, subject);
  if (permission === 'replay.watch' || permission === 'replay.keep')
    return mayWatch(subject, part, scope.members);
  if (permission === 'replay.again') return servesHome(subject, scope.members);
  if (permission === 'replay.delete') return mayDelete(subject, scope.members);
  if (!part) return false;
  switch (permission) {
    case 'lesson.attend':
      return true;
    case 'lesson.lead':
    case 'replay.answer':
      return part === 'lead';
    case 'board.write':
      return (
        part === 'lead' ||
        (part !== 'observer' && scope.state !== undefined && isWriter(scope.state, subject.id))
      );
    case 'lesson.speak':
      return part === 'lead' || (part !== 'observer' && scope.state?.stage.includes(subject.id) === true);
    case 'lesson.respond':
    case 'replay.ask':
      return part !== 'observer';
    case 'replay.edit':
      return part === 'lead';
    case 'replay.export':
      return part === 'lead' || subject.role === 'administrator';
    case 'replay.original':
      return subject.role === 'administrator' && servesHome(subject, scope.members);
  }
}

function servesHome(subject: Subject, { home }: LessonMembers): boolean {
  return home !== undefined && schoolsServed(subject).includes(home);
}

function mayDelete(subject: Subject, members: LessonMembers): boolean {
  if (members.lead === subject.id && members.leadDeletes) return true;
  return subject.role === 'administrator' && servesHome(subject, members);
}

/** Technicians see devices and links, not children's work. */
function mayWatch(subject: Subject, part: Part | null, { audience, schools }: LessonMembers): boolean {
  switch (audience) {
    case 'lead':
      return part === 'lead' || (part === 'observer' && subject.role === 'administrator');
    case 'school':
      return part !== null || (subject.role !== 'technician' && schools.includes(subject.school));
    case 'library':
      return part !== null || subject.role !== 'technician';
    default:
      return part !== null;
  }
}
