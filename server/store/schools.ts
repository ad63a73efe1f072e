import { attempt, unlessThere } from './database.ts';
import { Classes, type ClassRow, type CourseRow, Courses, newId, type SchoolRow, Schools } from './models.ts';

/** A new row: its id may be given where making it twice must make it once. */
type New<T extends { _id: string }> = Omit<T, '_id'> & { readonly id?: string };

export async function createSchool({ id = newId('s'), ...school }: New<SchoolRow>): Promise<string> {
  await unlessThere(() => Schools.insertOne({ ...school, _id: id }));
  return id;
}

export async function createCourse({ id = newId('c'), ...course }: New<CourseRow>): Promise<string> {
  await unlessThere(() => Courses.insertOne({ ...course, _id: id }));
  return id;
}

export async function createClass({ id = newId('k'), ...members }: New<ClassRow>): Promise<string> {
  await unlessThere(() => Classes.insertOne({ ...members, _id: id }));
  return id;
}

export async function classesOfCourse(course: string): Promise<string[]> {
  const rows = await attempt(() => Classes.find({ course }, { _id: 1 }).lean());
  return rows.map(({ _id }) => _id);
}
