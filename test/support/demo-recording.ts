import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LessonFolder, RecordingFile, WAITING } from '../../recordings/lesson-folder.ts';
import { FINISHED_LESSON } from '../../server/demo/demo.ts';

const kept = join(tmpdir(), `tongke-test-demo-${process.pid}`);
let isKept = false;

const recordingsIn = (data: string) => new LessonFolder(join(data, 'recordings'), FINISHED_LESSON);

/**
 * Lays the finished demo lesson's recording into a new server's folder, as its import left it on another server of this
 * run: speaking and painting it take ten seconds of CPU. What is made of it every server makes itself. Nothing, where nobody has one yet.
 */
export async function layDemoRecording(data: string): Promise<void> {
  if (isKept) await cp(kept, recordingsIn(data).path, { recursive: true });
}

/** Keeps what `data` holds of it for the servers after this one, once. */
export async function keepDemoRecording(data: string): Promise<void> {
  if (isKept) return;
  const from = recordingsIn(data);
  const made = RecordingFile.parse(JSON.parse(await readFile(join(from.path, 'recording.json'), 'utf8')));
  await mkdir(kept, { recursive: true });
  await cp(from.tracks, join(kept, 'tracks'), { recursive: true });
  const imported: RecordingFile = { ...made, voice: WAITING, aac: WAITING, picture: WAITING };
  await writeFile(join(kept, 'recording.json'), JSON.stringify(imported));
  isKept = true;
}

if ('after' in globalThis) after(() => rm(kept, { recursive: true, force: true }));
