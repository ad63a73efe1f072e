import { dirname, join } from 'node:path';
import { logFile } from './cache.mjs';
import { installCommand, installPackages, isDebian, isRoot } from './debian.mjs';
import { SetupFailure } from './failure.mjs';
import { inModules } from './places.mjs';
import { step } from './progress.mjs';
import { exitCode, isExecutable, run, which } from './run.mjs';

/** espeak-ng: in the demo's replay people speak instead of humming. */
const PACKAGES = ['ffmpeg', 'espeak-ng'];
const DOWNLOAD_MS = 15_000;

/**
 * ffmpeg and ffprobe, which record and transcode lessons: the ones that FFMPEG_BIN and FFPROBE_BIN name, the one
 * of the npm package ffmpeg-static, the system's, or Debian's package. ffprobe may be missing (ffmpeg-static has none).
 *
 * @returns {Promise<{ ffmpegBin: string, ffprobeBin: string | undefined }>}
 */
export async function ensureFfmpeg(env = process.env) {
  const ffmpegBin = await findFfmpeg(env);
  const beside = join(dirname(ffmpegBin), 'ffprobe');
  const ffprobeBin = env.FFPROBE_BIN || (isExecutable(beside) ? beside : which('ffprobe'));
  return { ffmpegBin, ffprobeBin };
}

async function findFfmpeg(env) {
  if (env.FFMPEG_BIN) return checkedGiven(env.FFMPEG_BIN);
  const packaged = inModules('ffmpeg-static', 'ffmpeg');
  const found = isExecutable(packaged) ? packaged : which('ffmpeg');
  if (found) return found;
  if (isDebian() && isRoot()) {
    const log = logFile('ffmpeg');
    await step('Installing ffmpeg', () => installPackages(PACKAGES, { why: 'Recording lessons', log }));
    return which('ffmpeg') ?? '/usr/bin/ffmpeg';
  }
  if (await downloaded(packaged)) return packaged;
  throw new SetupFailure('ffmpeg, with which lessons are recorded, is not on this computer.', {
    command: isDebian() ? installCommand(['ffmpeg']) : 'FFMPEG_BIN=/path/to/ffmpeg npm start',
  });
}

async function checkedGiven(path) {
  if (isExecutable(path) && (await exitCode(path, ['-version'])) === 0) return path;
  throw new SetupFailure(`FFMPEG_BIN names "${path}", which is not an ffmpeg that runs here.`, {
    command: 'unset FFMPEG_BIN   (Tongke then looks for one itself)',
  });
}

/** The npm package's own download. npm is told not to run it: on a closed network it would fail the installation. */
async function downloaded(packaged) {
  const script = inModules('ffmpeg-static', 'install.js');
  try {
    const log = logFile('ffmpeg');
    await step('Downloading ffmpeg', () => run(process.execPath, [script], { timeoutMs: DOWNLOAD_MS, log }));
    return isExecutable(packaged) && (await exitCode(packaged, ['-version'])) === 0;
  } catch {
    return false; // the caller says what to do instead
  }
}
