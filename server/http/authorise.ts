import { Id } from '../../protocol/common.ts';
import { TongkeError } from '../../protocol/errors.ts';
import { can, type Permission, type Subject } from '../../protocol/roles.ts';
import type { LessonRecord, LessonRecords } from '../lessons/record.ts';

/** Rejects with `not_signed_in` or `forbidden`. */
export function authorise(subject: Subject | null, permission: Permission): void {
  if (!can(subject, permission)) throw new TongkeError(subject ? 'forbidden' : 'not_signed_in');
}

/**
 * The lesson, if `subject` may do that there. One that is none of theirs is `not_found`, just as one that does not
 * exist: knowing an id tells nothing.
 */
export async function authoriseLesson(
  records: LessonRecords,
  subject: Subject | null,
  permission: Permission,
  id: unknown,
): Promise<LessonRecord> {
  if (!subject) throw new TongkeError('not_signed_in');
  const lesson = Id.safeParse(id);
  const record = lesson.success ? await records.find(lesson.data) : null;
  if (!record) throw new TongkeError('not_found');
  const { members } = record;
  if (!can(subject, 'lesson.attend', { members })) throw new TongkeError('not_found');
  if (!can(subject, permission, { members })) throw new TongkeError('forbidden');
  return record;
}
