import { hashPassword } from '../auth/password.ts';
import { anyAccount, createAccount } from '../store/accounts.ts';
import { createLesson, endUntaught, lessonRecords, moveLesson } from '../store/lessons.ts';
import { serveSchools } from '../store/rooms.ts';
import { createClass, createCourse, createSchool } from '../store/schools.ts';
import { readSetting, writeSetting } from '../store/settings.ts';
import { demoId, PEOPLE, REGION, SCHOOLS } from './people.ts';
import { CLASS_NAME, COURSES, type CourseKey, FINISHED, type LessonPlan, TODAY, WEEK } from './timetable.ts';

/** Everyone's, and shown on the sign-in page: outside the demo these accounts are worth nothing. */
export const DEMO_PASSWORD = 'tongke-demo';

/** The lesson that has been taught already, with its replay. */
export const FINISHED_LESSON = demoId('finished');

const SEEDED = 'demo.seeded';
const TODAYS_LESSON = 'demo.today';
const LESSON_MS = 40 * 60_000;
const HOUR_MS = 60 * 60_000;
/** Today's lesson begins on the last full five minutes: about now, as a timetable would say it. */
const ROUND_MS = 5 * 60_000;

/** Whether this installation runs as a demo: as asked for, or because it is new. */
export async function demoRuns(wanted: 'on' | 'off' | 'auto', production: boolean): Promise<boolean> {
  if (wanted !== 'auto') return wanted === 'on';
  if ((await readSetting(SEEDED)) !== null) return !production;
  return !production && !(await anyAccount({ demo: false }));
}

/** Makes the demo school, once: what is there already stays as it is, also after a crash half-way. */
export async function seedDemo(): Promise<void> {
  if ((await readSetting(SEEDED)) !== null) return;
  for (const [key, school] of Object.entries(SCHOOLS)) {
    await createSchool({ ...school, id: demoId(key), region: REGION });
  }
  // One hash for all: they have one password, and it is no secret.
  const password = await hashPassword(DEMO_PASSWORD);
  for (const person of PEOPLE) {
    const id = demoId(person.username);
    await createAccount({ ...person, id, school: demoId(person.school), password, demo: true });
  }
  const students = PEOPLE.filter((person) => person.role === 'student').map(({ username }) =>
    demoId(username),
  );
  for (const [key, course] of Object.entries(COURSES)) {
    const id = await createCourse({ ...course, id: demoId(key), school: demoId('hub') });
    await createClass({ id: demoId(`${key}-class`), course: id, name: CLASS_NAME, students });
  }
  const { startsAt, endsAt } = finishedTimes(Date.now());
  await schedule(FINISHED_LESSON, FINISHED, startsAt, endsAt, 'ended');
  await writeSetting(SEEDED, new Date().toISOString());
}

/** The county's technician and administrator look after the villages' rooms; also in a demo made before they did. */
export async function serveDemo(): Promise<void> {
  const people = PEOPLE.filter(({ role }) => role === 'technician' || role === 'administrator');
  const villages = Object.keys(SCHOOLS).filter((key) => key !== 'hub');
  await serveSchools(
    people.map(({ username }) => demoId(username)),
    villages.map((key) => demoId(key)),
  );
}

/**
 * Keeps the demo's week around `now` (wall time, ms): there is always a lesson to teach today, the finished one is
 * always this week's, and what nobody taught is over.
 */
export async function refreshDemo(now: number): Promise<void> {
  await keepTodaysLesson(now);
  await keepWeek(now);
  const { startsAt, endsAt } = finishedTimes(now);
  await moveLesson(FINISHED_LESSON, startsAt, endsAt);
}

async function keepTodaysLesson(now: number): Promise<void> {
  const id = await readSetting(TODAYS_LESSON);
  const lesson = id === null ? null : await lessonRecords.find(id);
  if (lesson?.state === 'live') return;
  const startsAt = new Date(Math.floor(now / ROUND_MS) * ROUND_MS);
  const endsAt = new Date(startsAt.getTime() + LESSON_MS);
  if (lesson?.state === 'ready') {
    // Half an hour may pass before the teacher comes; a lesson that is over before it began is put off.
    const fits = lesson.startsAt <= now && now < lesson.endsAt - LESSON_MS / 4;
    if (!fits) await moveLesson(lesson.id, startsAt, endsAt);
    return;
  }
  const count = Number(/-(\d+)$/.exec(id ?? '')?.[1] ?? 0) + 1;
  const plan = TODAY[(count - 1) % TODAY.length];
  if (!plan) return;
  const next = await schedule(demoId(`today-${count}`), plan, startsAt, endsAt);
  await writeSetting(TODAYS_LESSON, next);
}

async function keepWeek(now: number): Promise<void> {
  const monday = new Date(now);
  monday.setHours(0, 0, 0, 0);
  monday.setDate(monday.getDate() - ((monday.getDay() + 6) % 7));
  const week = `${monday.getFullYear()}-${monday.getMonth() + 1}-${monday.getDate()}`;
  for (const { day, hour, ...plan } of WEEK) {
    const startsAt = new Date(monday);
    startsAt.setDate(monday.getDate() + day - 1);
    startsAt.setHours(hour);
    // Today has its own lesson.
    if (isSameDay(startsAt.getTime(), now)) continue;
    await schedule(demoId(`week-${week}-${day}`), plan, startsAt, new Date(startsAt.getTime() + LESSON_MS));
  }
  await endUntaught(demoId('week-'), new Date(now));
}

/** Yesterday at ten; on Mondays, when yesterday was another week, two hours ago. */
function finishedTimes(now: number): { startsAt: Date; endsAt: Date } {
  const startsAt = new Date(now);
  if (startsAt.getDay() === 1) {
    const midnight = new Date(now).setHours(0, 0, 0, 0);
    startsAt.setTime(Math.max(midnight, startOfHour(now) - 2 * HOUR_MS));
  } else {
    startsAt.setDate(startsAt.getDate() - 1);
    startsAt.setHours(10, 0, 0, 0);
  }
  return { startsAt, endsAt: new Date(startsAt.getTime() + LESSON_MS) };
}

function startOfHour(now: number): number {
  return new Date(now).setMinutes(0, 0, 0);
}

function isSameDay(a: number, b: number): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString();
}

function schedule(
  id: string,
  plan: LessonPlan,
  startsAt: Date,
  endsAt: Date,
  state?: 'ended',
): Promise<string> {
  const course: CourseKey = plan.course;
  return createLesson({
    id,
    title: plan.title,
    course: demoId(course),
    lead: demoId('dolma'),
    locals: [demoId('tashi')],
    rooms: [demoId('room1'), demoId('room2')],
    classes: [demoId(`${course}-class`)],
    startsAt,
    endsAt,
    state,
  });
}
