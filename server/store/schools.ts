import type { Localised } from '../../protocol/common.ts';
import { attempt } from './database.ts';
import { Classes, type ClassRow, type CourseRow, Courses, newId, type SchoolRow, Schools } from './models.ts';

export async function createSchool(school: Omit<SchoolRow, '_id'>): Promise<string> {
  const _id = newId('s');
  await attempt(() => Schools.insertOne({ ...school, _id }));
  return _id;
}

export async function schoolName(id: string): Promise<Localised | null> {
  const row = await attempt(() => Schools.findById(id).lean());
  return row?.name ?? null;
}

export async function createCourse(course: Omit<CourseRow, '_id'>): Promise<string> {
  const _id = newId('c');
  await attempt(() => Courses.insertOne({ ...course, _id }));
  return _id;
}

export async function createClass(members: Omit<ClassRow, '_id'>): Promise<string> {
  const _id = newId('k');
  await attempt(() => Classes.insertOne({ ...members, _id }));
  return _id;
}
