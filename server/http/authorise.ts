import { Id } from '../../protocol/common.ts';
import { TongkeError } from '../../protocol/errors.ts';
import { can, type Permission, type SchoolScope, type Subject } from '../../protocol/roles.ts';
import type { LessonRecord, LessonRecords } from '../lessons/record.ts';
import { findRoom, type RoomRecord } from '../store/rooms.ts';

/** Rejects with `not_signed_in` or `forbidden`. */
export function authorise(subject: Subject | null, permission: Permission, scope?: SchoolScope): void {
  if (!can(subject, permission, scope)) throw new TongkeError(subject ? 'forbidden' : 'not_signed_in');
}

/**
 * The lesson, if `subject` may do that there. One that is none of theirs is `not_found`, just as one that does not
 * exist: knowing an id tells nothing. Of a deleted replay nothing is given to anybody. `isShared`: whether whoever asks came by a link to its replay.
 */
export async function authoriseLesson(
  records: LessonRecords,
  subject: Subject | null,
  permission: Permission,
  id: unknown,
  isShared: (lesson: string) => Promise<boolean> = () => Promise.resolve(false),
): Promise<LessonRecord> {
  const lesson = Id.safeParse(id);
  const shared = permission === 'replay.watch' && lesson.success && (await isShared(lesson.data));
  if (!subject && !shared) throw new TongkeError('not_signed_in');
  const record = lesson.success ? await records.find(lesson.data) : null;
  if (!record) throw new TongkeError('not_found');
  const { members } = record;
  if (can(subject, permission, { members, shared })) {
    const isOfReplay = permission.startsWith('replay.') && permission !== 'replay.delete';
    if (record.replayDeleted && isOfReplay) throw new TongkeError('replay_deleted');
    return record;
  }
  throw new TongkeError(can(subject, 'lesson.attend', { members }) ? 'forbidden' : 'not_found');
}

/** The room, if `subject` may do that to rooms of its school; `room_not_found` where not, as for one that is not there. */
export async function authoriseRoom(
  subject: Subject | null,
  permission: Permission,
  id: unknown,
): Promise<RoomRecord> {
  if (!subject) throw new TongkeError('not_signed_in');
  const room = Id.safeParse(id);
  const record = room.success ? await findRoom(room.data) : null;
  if (!record || !can(subject, permission, { school: record.school }))
    throw new TongkeError('room_not_found');
  return record;
}
