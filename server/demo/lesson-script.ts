import type { Brush, LogEntry, Participant } from '../../protocol/events.ts';
import { drawCircle } from './handwriting.ts';
import { ScriptWriter, type Utterance } from './script-writer.ts';

/** A lesson as it was taught: its log, and what was said in it. */
export interface LessonScript {
  /** A whole log, from joining to the end. */
  readonly entries: readonly LogEntry[];
  readonly utterances: readonly Utterance[];
  /** Who leads; whoever else speaks is in `utterances`. */
  readonly lead: string;
  /** Lesson times of start and end, ms. */
  readonly from: number;
  readonly to: number;
}

export interface Cast {
  readonly lead: Participant;
  /** Two receiving rooms: the first is called on. */
  readonly rooms: readonly [Participant, Participant];
  /** At home, on a phone. */
  readonly student: Participant;
  /** When the lesson began, wall time, ms. */
  readonly startedAt: number;
}

const INK: Brush = { tool: 'pen', colour: '#1f2933', width: 6, grid: 1 };
const BLUE: Brush = { tool: 'pen', colour: '#1d4ed8', width: 6, grid: 1 };
const RED: Brush = { tool: 'pen', colour: '#c2410c', width: 6, grid: 1 };
const MARKER: Brush = { tool: 'highlighter', colour: '#facc15', width: 44, grid: 1 };

/** Some three minutes about halves and quarters (认识分数), the same every time. */
export function fractionsLesson(cast: Cast): LessonScript {
  const lesson = new ScriptWriter(cast.lead.id, 20_261_123);
  const from = gather(lesson, cast);
  halves(lesson);
  quarters(lesson, cast);
  askRoom(lesson, cast);
  compare(lesson);
  lesson.note({ type: 'lesson.ended', reason: 'teacher' }, cast.lead.id);
  const { utterances, now: to } = lesson;
  return { entries: lesson.entries(), utterances, lead: cast.lead.id, from, to };
}

/** Returns when the lesson was started. */
function gather(lesson: ScriptWriter, { lead, rooms, student, startedAt }: Cast): number {
  lesson.join(lead);
  lesson.wait(1200);
  for (const room of rooms) {
    lesson.join(room);
    lesson.wait(700);
  }
  lesson.join(student);
  lesson.wait(900);
  const from = lesson.now;
  lesson.note({ type: 'lesson.started', at: startedAt }, lead.id);
  lesson.note({ type: 'recording.changed', recording: 'on' });
  lesson.open({ id: 'demo-voice', participant: lead.id, source: 'mic' });
  lesson.open({ id: 'demo-camera', participant: lead.id, source: 'camera' });
  lesson.wait(800);
  return from;
}

function halves(lesson: ScriptWriter): void {
  lesson.say('同学们好，今天我们一起来认识分数。');
  lesson.write('分数', { x: 140, y: 90 }, 150, INK);
  lesson.sayAlong('先画一个圆，把它看作一个饼。');
  lesson.draw(drawCircle({ x: 460, y: 620 }, 250, { seed: 7 }), INK);
  lesson.wait(1500);
  lesson.sayAlong('从中间切开，平均分成两份。');
  lesson.line({ x: 460, y: 350 }, { x: 462, y: 890 }, RED);
  lesson.wait(2000);
  lesson.say('其中的一份，就是它的二分之一。');
  lesson.fraction('1', '2', { x: 900, y: 620 }, 150, BLUE);
  lesson.sayAlong('下面的二，是平均分成的份数。');
  lesson.line({ x: 890, y: 712 }, { x: 1060, y: 708 }, MARKER);
  lesson.wait(2500);
  lesson.sayAlong('上面的一，是取了其中的一份。');
  lesson.point(drawCircle({ x: 965, y: 540 }, 90, { seed: 8 }));
  lesson.wait(2500);
}

function quarters(lesson: ScriptWriter, { student, rooms }: Cast): void {
  lesson.say('现在我们再切一次。');
  lesson.line({ x: 195, y: 622 }, { x: 725, y: 618 }, RED);
  lesson.sayAlong('一共有几份呢？请大家数一数。');
  lesson.point(drawCircle({ x: 460, y: 620 }, 120, { seed: 9 }));
  lesson.wait(2200);
  lesson.note({ type: 'chat.said', text: '老师，是四份。' }, student.id);
  lesson.wait(1800);
  lesson.say('对了，一共四份，每一份是四分之一。');
  lesson.fraction('1', '4', { x: 1300, y: 620 }, 150, BLUE);
  lesson.wait(600);
  lesson.note({ type: 'hand.raised', participant: rooms[0].id }, rooms[0].id);
  lesson.wait(1200);
}

function askRoom(lesson: ScriptWriter, { lead, rooms, student }: Cast): void {
  const [room] = rooms;
  lesson.addPage('page2', 'grid');
  lesson.say('二分之一加四分之一，等于多少？');
  lesson.fraction('1', '2', { x: 200, y: 420 }, 140, INK);
  lesson.write('+', { x: 380, y: 350 }, 130, INK);
  lesson.fraction('1', '4', { x: 530, y: 420 }, 140, INK);
  lesson.write('=', { x: 710, y: 350 }, 130, INK);
  lesson.say('请雪莲村的同学来回答。');
  lesson.note({ type: 'stage.called', participant: room.id }, lead.id);
  lesson.wait(900);
  lesson.open({ id: 'demo-room-voice', participant: room.id, source: 'mic' });
  lesson.wait(900);
  lesson.say('老师好，我觉得是六分之二。', room.id);
  const strokes = lesson.fraction('2', '6', { x: 880, y: 420 }, 140, RED);
  lesson.say('我们来看看图，想一想，对不对？');
  lesson.turnTo('page1');
  lesson.wait(700);
  lesson.point(drawCircle({ x: 460, y: 620 }, 200, { seed: 10 }));
  lesson.say('半个饼，就是两个四分之一。');
  lesson.turnTo('page2');
  lesson.wait(500);
  lesson.undo(strokes);
  lesson.say('啊，是四分之三！', room.id);
  lesson.note({ type: 'chat.said', text: '我也算出来是四分之三' }, student.id);
  lesson.fraction('3', '4', { x: 880, y: 420 }, 140, BLUE);
  lesson.sayAlong('非常好，二加一，是三个四分之一。');
  lesson.line({ x: 880, y: 340 }, { x: 1010, y: 337 }, MARKER);
  lesson.wait(2600);
  lesson.note({ type: 'stream.closed', stream: 'demo-room-voice' }, room.id);
  lesson.note({ type: 'stage.dismissed', participant: room.id }, lead.id);
  lesson.wait(700);
}

function compare(lesson: ScriptWriter): void {
  lesson.addPage('page3', 'blank');
  lesson.say('最后一个问题，哪一个大，哪一个小？');
  lesson.fraction('1', '2', { x: 260, y: 360 }, 140, INK);
  lesson.write('大', { x: 470, y: 285 }, 130, RED);
  lesson.wait(400);
  lesson.fraction('1', '4', { x: 860, y: 360 }, 140, INK);
  lesson.write('小', { x: 1070, y: 285 }, 130, RED);
  lesson.say('分的份数越多，每一份就越小。');
  lesson.sayAlong('回家以后，请把课本第四十二页写完。');
  lesson.write('p. 42', { x: 260, y: 640 }, 130, BLUE);
  lesson.wait(2000);
  lesson.say('同学们再见！');
  lesson.wait(1500);
}
