import type { Account, LessonSummary } from '../../protocol/api.ts';
import { toBase64url } from '../../protocol/base64.ts';
import type { Localised } from '../../protocol/common.ts';
import type { LessonEvent, LogEntry, Participant } from '../../protocol/events.ts';
import { InkEncoder } from '../../protocol/ink.ts';
import { EMPTY_LESSON, type LessonState, reduce } from '../../protocol/lesson.ts';
import type { Role } from '../../protocol/roles.ts';
import { drawCircle, drawFractionBar, type Handwriting, writeText } from '../../server/demo/handwriting.ts';
import { PEOPLE, SCHOOLS } from '../../server/demo/people.ts';

/** A lesson in mid-flow, made of the demo school's people: what the faces are looked at and tested with. */

const school = (key: keyof typeof SCHOOLS): Account['school'] => ({
  id: `school-${key}`,
  name: SCHOOLS[key].name,
});

export function accountOf(username: string): Account {
  const person = PEOPLE.find((known) => known.username === username);
  if (!person) throw new Error(`no ${username} in the demo school`);
  return { id: username, role: person.role, name: person.name, school: school(person.school) };
}

export const LOGINS = PEOPLE.map(({ username, role, name }) => ({ username, role, name }));

const PARTS: Readonly<Partial<Record<Role, Participant['part']>>> = {
  room: 'room',
  student: 'student',
  observer: 'observer',
};

export function participantOf(username: string): Participant {
  const { role, name, school } = accountOf(username);
  const part = username === 'dolma' ? 'lead' : username === 'tashi' ? 'local' : PARTS[role];
  return { id: username, part: part ?? 'observer', name, school: school.name };
}

const COURSE: Localised = { 'zh-CN': '四年级数学', bo: 'ལོ་རིམ་བཞི་པའི་རྩིས་རིག', en: 'Mathematics, grade 4' };
const FRACTIONS: Localised = {
  'zh-CN': '分数的大小比较',
  bo: 'ཆ་གྲངས་ཆེ་ཆུང་བསྡུར་བ།',
  en: 'Comparing fractions',
};
const ANGLES: Localised = { 'zh-CN': '角的度量', bo: 'ཟུར་ཚད་འཇལ་བ།', en: 'Measuring angles' };
const LETTERS: Localised = { 'zh-CN': '三十字母', bo: 'གསལ་བྱེད་སུམ་ཅུ།', en: 'The thirty letters' };

const HOUR = 3_600_000;

/** A week around `now` (wall time) as the timetable answers it, for the one who is `part` in it. */
export function lessonsAround(
  now: number,
  part: LessonSummary['part'],
  first: LessonSummary['state'],
): LessonSummary[] {
  const base = {
    course: COURSE,
    teacher: accountOf('dolma').name,
    school: SCHOOLS.hub.name,
    rooms: [accountOf('room1').name, accountOf('room2').name],
    part,
    replay: null,
  };
  const lesson = (
    id: string,
    title: Localised,
    from: number,
    rest: Partial<LessonSummary> = {},
  ): LessonSummary => ({
    ...base,
    ...{ id, title, startsAt: now + from, endsAt: now + from + (2 / 3) * HOUR, state: 'ready' },
    ...rest,
  });
  return [
    lesson('done', LETTERS, -26 * HOUR, {
      state: 'ended',
      replay: { voice: 'ready', picture: 'ready', progress: 1 },
    }),
    lesson('making', ANGLES, -24 * HOUR, {
      state: 'ended',
      replay: { voice: 'ready', picture: 'working', progress: 0.42 },
    }),
    lesson('first', FRACTIONS, first === 'live' ? -0.3 * HOUR : 0.15 * HOUR, { state: first }),
    lesson('second', LETTERS, 1.2 * HOUR),
    lesson('tomorrow', ANGLES, 24 * HOUR),
  ].sort((a, b) => a.startsAt - b.startsAt);
}

/** Folds events as a server would log them, ten lesson seconds apart. */
export class Scene {
  state: LessonState = EMPTY_LESSON;
  #strokes = 0;

  log(actor: string, event: LessonEvent): this {
    const entry: LogEntry = { seq: this.state.seq + 1, t: this.state.t + 10_000, actor, event };
    this.state = reduce(this.state, entry);
    return this;
  }

  join(...usernames: string[]): this {
    for (const username of usernames) {
      this.log(username, { type: 'participant.joined', participant: participantOf(username) });
    }
    return this;
  }

  write({ strokes }: Handwriting, colour: string, width = 7): this {
    for (const { points } of strokes) {
      this.log('dolma', {
        type: 'ink.drawn',
        stroke: `s${++this.#strokes}`,
        page: this.state.board.current,
        brush: { tool: 'pen', colour, width, grid: 1 },
        data: toBase64url(new InkEncoder().push(points)),
        done: true,
      });
    }
    return this;
  }
}

const INK = '#14212b';
const BLUE = '#1557b0';
const RED = '#c3281a';

/** The board of a lesson on fractions, on its second page. */
export function boardOfFractions(scene: Scene): Scene {
  const options = (seed: number, x: number, y: number, size: number) => ({ seed, x, y, size });
  return scene
    .log('dolma', { type: 'page.added', page: { id: 'p2', kind: 'grid' } })
    .write(writeText('分数: 3/4 - 2/3 = ?', options(1, 150, 130, 190)), INK, 9)
    .write(drawCircle({ x: 480, y: 690 }, 210, { seed: 2 }), BLUE)
    .write(drawFractionBar(270, 690, 420, { seed: 3 }), BLUE)
    .write(drawCircle({ x: 1120, y: 690 }, 210, { seed: 4 }), BLUE)
    .write(writeText('1/12', options(5, 1480, 600, 180)), RED, 12);
}

const CHAT: readonly (readonly [string, string])[] = [
  ['student4', '老师，我们这里看得很清楚。'],
  ['tashi', '雪莲村二十八个同学都到了。'],
  ['dolma', '好，请大家拿出圆片，分成三份和四份。'],
  ['student1', '四分之三比三分之二大，对吗？'],
];

/** A live lesson with writing, hands up and the first classroom called on. */
export function liveScene(): Scene {
  const scene = new Scene()
    .join('dolma', 'room1', 'room2', 'tashi', 'student1', 'student2', 'student4', 'student5')
    .log('dolma', { type: 'lesson.started', at: 0 })
    .log('dolma', { type: 'recording.changed', recording: 'on' });
  boardOfFractions(scene);
  for (const [by, text] of CHAT) scene.log(by, { type: 'chat.said', text });
  return scene
    .log('student5', { type: 'participant.left', participant: 'student5' })
    .log('dolma', { type: 'stream.opened', stream: { id: 'dolma-mic', participant: 'dolma', source: 'mic' } })
    .log('dolma', {
      type: 'stream.opened',
      stream: { id: 'dolma-camera', participant: 'dolma', source: 'camera' },
    });
}
