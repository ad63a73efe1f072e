import type { LessonEvent, LogEntry } from '../../protocol/events.ts';
import { encodeInk, type InkPoint } from '../../protocol/ink.ts';

/** The participants of the made-up lesson. */
export const TEACHER = 'dolma';
export const ROOM = 'nyima';

/** A lesson's log as a server would have written it, line by line. Times are lesson times in milliseconds. */
export class LogWriter {
  readonly entries: LogEntry[] = [];
  #strokes = 0;

  add(t: number, event: LessonEvent, actor: string = TEACHER): this {
    const last = this.entries.at(-1)?.t ?? 0;
    this.entries.push({ seq: this.entries.length + 1, t: Math.max(t, last), actor, event });
    return this;
  }

  begin(): this {
    return this.add(0, { type: 'lesson.started', at: Date.UTC(2026, 10, 23, 1) })
      .join(TEACHER, 'lead', '卓玛', 'Dolma')
      .join(ROOM, 'room', '尼玛教学点', 'Nyima teaching point')
      .add(0, { type: 'stream.opened', stream: { id: 'mic1', participant: TEACHER, source: 'mic' } });
  }

  join(id: string, part: 'lead' | 'room', chinese: string, english: string): this {
    const participant = { id, part, name: { 'zh-CN': chinese, en: english } };
    return this.add(0, { type: 'participant.joined', participant }, id);
  }

  /**
   * A stroke from pen-down at `start`, sent in batches of 120 ms that arrive when their last point is made.
   * Returns its id.
   */
  stroke(start: number, page: string, points: readonly InkPoint[], colour = '#1f2937'): string {
    const stroke = `s${++this.#strokes}`;
    const brush = { tool: 'pen', colour, width: 8, grid: 1 } as const;
    for (let sent = 0; sent < points.length; ) {
      const due = (points[sent]?.[2] ?? 0) + 120;
      const more = points.findIndex((point, i) => i > sent && point[2] >= due);
      const end = more < 0 ? points.length : more;
      const batch = points.slice(sent, end);
      const data = encodeInk(points.slice(0, sent), batch);
      const head = sent === 0 ? { page, brush } : {};
      const tail = end === points.length ? { done: true as const } : {};
      this.add(start + (batch.at(-1)?.[2] ?? 0), { type: 'ink.drawn', stroke, ...head, data, ...tail });
      sent = end;
    }
    return stroke;
  }

  laser(t: number, page: string, points: readonly InkPoint[]): this {
    return this.add(t + (points.at(-1)?.[2] ?? 0), {
      type: 'laser.moved',
      page,
      data: encodeInk([], points),
    });
  }
}

/** Something like a written word: a wave from left to right. `ms` for all of it; a point every 15 ms, as a pen's. */
export function wave(x: number, y: number, width: number, height: number, ms: number): InkPoint[] {
  const count = Math.max(2, Math.round(ms / 15));
  return Array.from({ length: count }, (_, i): InkPoint => {
    const share = i / (count - 1);
    return [
      Math.round(x + width * share),
      Math.round(y + height * Math.sin(share * width * 0.05)),
      Math.round(ms * share),
      Math.round(110 + 60 * Math.sin(share * 9)),
    ];
  });
}

/** Lines of waves on page after page: about `seconds` of a lesson with someone called on, chat, laser and undone ink. */
export function writtenLesson(seconds: number, pageEvery = 10): LogWriter {
  const log = new LogWriter().begin();
  let page = 'page1';
  for (let s = 1; s < seconds; s++) {
    const t = s * 1000;
    const nth = s % pageEvery;
    if (nth === 0) {
      page = `page${s / pageEvery + 1}`;
      log.add(t, { type: 'page.added', page: { id: page, kind: s % 20 === 0 ? 'blank' : 'grid' } });
    }
    const colour = ['#1f2937', '#0e5a78', '#b3301d'][s % 3];
    const stroke = log.stroke(t + 50, page, wave(160, 120 + nth * 90, 1500, 28, 700), colour);
    if (s % 7 === 3) log.add(t + 800, { type: 'ink.erased', page, strokes: [stroke] });
    if (s % 7 === 5) log.add(t + 800, { type: 'ink.undone', page });
    if (s % 6 === 4) log.laser(t + 760, page, wave(300, 500, 400, 60, 120));
    if (s % 8 === 2) log.add(t + 900, { type: 'chat.said', text: `看清楚了 ${s}` }, ROOM);
    if (s % 12 === 5) log.add(t + 910, { type: 'hand.raised', participant: ROOM }, ROOM);
    if (s % 12 === 6) log.add(t + 920, { type: 'stage.called', participant: ROOM });
    if (s % 12 === 9) log.add(t + 930, { type: 'stage.dismissed', participant: ROOM });
  }
  return log.add(seconds * 1000, { type: 'lesson.ended', reason: 'teacher' });
}
