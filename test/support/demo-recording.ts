import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LessonFolder, RecordingFile, WAITING } from '../../recordings/lesson-folder.ts';
import { FINISHED_LESSON } from '../../server/demo/demo.ts';

/** How far a server is to be when it begins: the lesson recorded, or its renditions made of that, too. */
export type Begun = 'recorded' | 'made';

const place = join(tmpdir(), `tongke-test-demo-${process.pid}`);
const kept: Partial<Record<Begun, string>> = {};

const recordingsIn = (data: string) => new LessonFolder(join(data, 'recordings'), FINISHED_LESSON);

/**
 * Lays the finished demo lesson's recording into a new server's folder, as its import left it on another server of this
 * run: speaking and painting it take ten seconds of CPU. What is made of it, which takes more, a server makes itself, unless
 * its tests are about other things: it then has the renditions that another server of this run has made. Nothing, where nobody has one yet.
 */
export async function layDemoRecording(data: string, begun: Begun): Promise<void> {
  const from = (begun === 'made' && kept.made) || kept.recorded;
  if (from) await cp(from, recordingsIn(data).path, { recursive: true });
}

/** Keeps what `data` holds of it for the servers after this one, once. */
export async function keepDemoRecording(data: string): Promise<void> {
  if (kept.recorded) return;
  const from = recordingsIn(data);
  const made = RecordingFile.parse(JSON.parse(await readFile(join(from.path, 'recording.json'), 'utf8')));
  const folder = join(place, 'recorded');
  await mkdir(folder, { recursive: true });
  await cp(from.tracks, join(folder, 'tracks'), { recursive: true });
  const imported: RecordingFile = { ...made, voice: WAITING, aac: WAITING, picture: WAITING };
  await writeFile(join(folder, 'recording.json'), JSON.stringify(imported));
  kept.recorded = folder;
}

/** The same with all that has been made of it, once that is so and before anything of it is changed. */
export async function keepDemoRenditions(data: string): Promise<void> {
  if (kept.made) return;
  const folder = join(place, 'made');
  await cp(recordingsIn(data).path, folder, { recursive: true });
  kept.made = folder;
}

if ('after' in globalThis) after(() => rm(place, { recursive: true, force: true }));
