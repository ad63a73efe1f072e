import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

/** Brings a lesson, and is killed before the so manyth change that it makes on the disk. Run by `killed.test.ts`. */
const [directory = '', source = '', to = '', kill = ''] = process.argv.slice(2);
let left = Number(kill);
const dying =
  <A extends unknown[], R>(act: (...args: A) => R) =>
  (...args: A): R => {
    if (--left === 0) process.kill(process.pid, 'SIGKILL');
    return act(...args);
  };
const { mkdir, rename, rm } = promises;
Object.assign(promises, { mkdir: dying(mkdir), rename: dying(rename), rm: dying(rm) });
syncBuiltinESMExports();

const { bring } = await import('../../recordings/bring.ts');
const { LessonFolder } = await import('../../recordings/lesson-folder.ts');
await bring(new LessonFolder(directory, 'brought'), {
  ...{ lesson: 'brought', revision: 2, from: 0, to: Number(to), gaps: [], directory: source },
  renditions: [{ kind: 'voice', url: 'voice.m3u8', bytes: 1 }],
});
