import { logFile } from './cache.mjs';
import { installPackages, isDebian, missingPackages } from './debian.mjs';
import { SetupFailure } from './failure.mjs';
import { step } from './progress.mjs';
import { isExecutable, which } from './run.mjs';

/** The browser of the tests, with a font that has Chinese characters: without it screenshots show boxes. */
const PACKAGES = ['chromium', 'fonts-noto-cjk'];

/** The path of Chromium: the one that CHROMIUM_BIN names, the system's, or Debian's package. */
export async function ensureChromium(env = process.env) {
  if (env.CHROMIUM_BIN) return checkedGiven(env.CHROMIUM_BIN);
  if (isDebian() && missingPackages(PACKAGES).length > 0) {
    const log = logFile('chromium');
    await step('Installing Chromium for the tests', () =>
      installPackages(PACKAGES, { why: 'Testing in a real browser', log }),
    );
  }
  const found = which('chromium') ?? which('chromium-browser') ?? which('google-chrome');
  if (found) return found;
  throw new SetupFailure('The tests need Chromium, which is not on this computer.', {
    command: 'CHROMIUM_BIN=/path/to/chromium npm test',
  });
}

function checkedGiven(path) {
  if (isExecutable(path)) return path;
  throw new SetupFailure(`CHROMIUM_BIN names "${path}", which is not a program.`, {
    command: 'unset CHROMIUM_BIN   (Tongke then looks for one itself)',
  });
}
