import type { Participant } from '../../protocol/events.ts';
import type { Log } from '../log.ts';
import type { Lesson } from './lesson.ts';
import type { LessonMedia } from './lesson-media.ts';

/** Someone whose last connection broke is gone after this long: a reload or a short cut is nobody's business. */
const GRACE_MS = 8_000;

/** Who is here: participants by their connections, told to the log as they come and go. */
export class Attendance {
  readonly #lesson: Lesson;
  readonly #media: LessonMedia;
  readonly #log: Log;
  readonly #connections = new Map<string, Set<string>>();
  /** Teachers among them: room screens stay by themselves and teach nobody. */
  readonly #teachers = new Set<string>();
  readonly #leaving = new Map<string, NodeJS.Timeout>();
  #untaught: NodeJS.Timeout | undefined;
  #whenUntaught: { after: number; run: () => void } | null = null;

  constructor(lesson: Lesson, media: LessonMedia, log: Log) {
    this.#lesson = lesson;
    this.#media = media;
    this.#log = log;
    // After a restart the log still holds those who were here; who does not come back has left.
    for (const { id, online } of Object.values(lesson.state().people)) if (online) this.#startLeaving(id);
  }

  /** Runs `run` whenever no teacher, lead or local, has been here for `after` milliseconds. */
  onUntaught(after: number, run: () => void): void {
    this.#whenUntaught = { after, run };
    this.#watchTeachers();
  }

  anyoneHere(): boolean {
    return this.#connections.size > 0;
  }

  /** Resolves once the log says that they are here. An observer never appears in it. */
  async arrive(participant: Participant, connection: string): Promise<void> {
    const connections = this.#connections.get(participant.id) ?? new Set();
    this.#connections.set(participant.id, connections.add(connection));
    if (participant.part === 'lead' || participant.part === 'local') this.#teachers.add(participant.id);
    clearTimeout(this.#leaving.get(participant.id));
    this.#leaving.delete(participant.id);
    this.#watchTeachers();
    if (participant.part === 'observer' || this.#lesson.state().people[participant.id]?.online) return;
    await this.#lesson.publish({ type: 'participant.joined', participant }, { actor: participant.id });
  }

  /** `wait`: the connection broke and may come back; otherwise they chose to leave. */
  depart(participant: string, connection: string, wait: boolean): void {
    const connections = this.#connections.get(participant);
    if (!connections?.delete(connection) || connections.size > 0) return;
    this.#connections.delete(participant);
    this.#teachers.delete(participant);
    this.#watchTeachers();
    if (wait) this.#startLeaving(participant);
    else this.#leave(participant);
  }

  close(): void {
    clearTimeout(this.#untaught);
    for (const timer of this.#leaving.values()) clearTimeout(timer);
    this.#leaving.clear();
  }

  #startLeaving(participant: string): void {
    const timer = setTimeout(() => {
      // Who is heard is here, whatever became of their connection: what is sent does not end with what is received.
      if (this.#media.isHeard(participant)) this.#startLeaving(participant);
      else this.#leave(participant);
    }, GRACE_MS);
    timer.unref();
    this.#leaving.set(participant, timer);
  }

  #leave(participant: string): void {
    this.#leaving.delete(participant);
    if (!this.#lesson.state().people[participant]?.online) return;
    const leaving = this.#lesson
      .publish({ type: 'participant.left', participant }, { actor: participant })
      .then(() => this.#media.closeStreamsOf(participant));
    leaving.catch((error: unknown) => {
      this.#log.warn({ err: error, lesson: this.#lesson.lesson, participant }, 'leaving was not logged');
    });
  }

  #watchTeachers(): void {
    clearTimeout(this.#untaught);
    if (this.#teachers.size > 0 || !this.#whenUntaught) return;
    const { after, run } = this.#whenUntaught;
    this.#untaught = setTimeout(run, after);
    this.#untaught.unref();
  }
}
