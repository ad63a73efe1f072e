import { TongkeError } from '../../protocol/errors.ts';
import type { Part, Participant } from '../../protocol/events.ts';
import type { RecordingsApi } from '../../protocol/recording.ts';
import type { Log } from '../log.ts';
import { lessonRecords } from '../store/lessons.ts';
import { logStore } from '../store/log.ts';
import { fractionsLesson, type LessonScript } from './lesson-script.ts';
import { demoId, PEOPLE, SCHOOLS } from './people.ts';
import { makeDemoReplay, type RecordedLesson } from './replay.ts';
import { FINISHED_LESSON, refreshDemo, seedDemo, serveDemo } from './school.ts';

export { DEMO_PASSWORD, demoRuns, FINISHED_LESSON } from './school.ts';

const REFRESH_MS = 60_000;
/** Entries written in one insert: far below MongoDB's 16 MB a document. */
const BATCH = 500;
const WRITER = 'demo';

export interface DemoOptions {
  readonly recordings: Pick<RecordingsApi, 'recording'> & {
    import(recording: RecordedLesson): Promise<void>;
  };
  readonly ffmpegBin: string;
  readonly log: Log;
}

/** The demo school while the server runs: made at first start, kept around today from then on. */
export class Demo {
  readonly #options: DemoOptions;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: DemoOptions) {
    this.#options = options;
  }

  async open(): Promise<void> {
    await seedDemo();
    await serveDemo();
    await refreshDemo(Date.now());
    this.#timer = setInterval(() => void this.#refresh(), REFRESH_MS);
  }

  /**
   * Gives the finished lesson its log and its recording, where they are missing: some ten seconds of CPU. The log comes
   * last, since with it the replay opens; without ffmpeg it opens with ink alone. Rejects where the log fails.
   */
  async makeReplay(): Promise<void> {
    const { recordings, ffmpegBin, log } = this.#options;
    if ((await lessonRecords.find(FINISHED_LESSON))?.replayDeleted) return;
    const script = await finishedScript();
    try {
      if ((await recordings.recording(FINISHED_LESSON)) === null) {
        const importRecording = (recording: RecordedLesson) => recordings.import(recording);
        await makeDemoReplay({ lesson: FINISHED_LESSON, script, ffmpegBin, importRecording, log });
      }
    } catch (error) {
      log.error({ err: error }, 'the demo lesson has no voice: its recording could not be made');
    }
    await writeLog(script);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #refresh(): Promise<void> {
    try {
      await refreshDemo(Date.now());
    } catch (error) {
      this.#options.log.warn({ err: error }, 'the demo week could not be brought up to date; trying again');
    }
  }
}

async function finishedScript(): Promise<LessonScript> {
  const record = await lessonRecords.find(FINISHED_LESSON);
  if (!record) throw new TongkeError('not_found', 'the demo has no finished lesson');
  return fractionsLesson({
    lead: participant('dolma', 'lead'),
    rooms: [participant('room1', 'room'), participant('room2', 'room')],
    student: participant('student5', 'student'),
    startedAt: record.startsAt,
  });
}

function participant(username: string, part: Part): Participant {
  const person = PEOPLE.find((one) => one.username === username);
  if (!person) throw new Error(`the demo has no ${username}`);
  return { id: demoId(username), part, name: person.name, school: SCHOOLS[person.school].name };
}

/** Writes what is missing: a batch that is there already stays as it is. */
async function writeLog({ entries }: LessonScript): Promise<void> {
  const { entries: there } = await logStore.read(FINISHED_LESSON);
  if (there.length === entries.length) return;
  for (let from = 0; from < entries.length; from += BATCH) {
    await logStore.append(FINISHED_LESSON, WRITER, entries.slice(from, from + BATCH));
  }
}
