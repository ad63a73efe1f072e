import { logFile } from './cache.mjs';
import { installCommand, installPackages, isDebian, isRoot } from './debian.mjs';
import { SetupFailure } from './failure.mjs';
import { note, step } from './progress.mjs';
import { isExecutable, which } from './run.mjs';

/** poppler-data: the character tables without which Chinese in many PDF files stays empty. */
const PACKAGES = ['poppler-utils', 'poppler-data'];

/**
 * What opens courseware: poppler's pdftocairo for PDF (the one that PDFTOCAIRO_BIN names, the system's, or Debian's
 * package), and LibreOffice for PPTX where it is installed. Lessons can be taught without either, so that what is missing
 * is only said. `known`: what an earlier set-up found; null there means that it has been tried and said before.
 *
 * @param {{ pdftocairoBin?: string | null } | undefined} known
 * @returns {Promise<{ pdftocairoBin: string | null, sofficeBin: string | null }>}
 */
export async function ensureCourseware(known, env = process.env) {
  const sofficeBin = given(env, 'SOFFICE_BIN') ?? which('soffice') ?? which('libreoffice') ?? null;
  const found = given(env, 'PDFTOCAIRO_BIN') ?? which('pdftocairo');
  if (found) return { pdftocairoBin: found, sofficeBin };
  if (known?.pdftocairoBin !== null && isDebian() && isRoot() && (await install())) {
    return { pdftocairoBin: which('pdftocairo') ?? null, sofficeBin };
  }
  const command = isDebian() ? installCommand(PACKAGES) : 'PDFTOCAIRO_BIN=/path/to/pdftocairo npm start';
  note(`PDF files cannot be opened here: poppler is missing. Everything else works. To add it:  ${command}`);
  return { pdftocairoBin: null, sofficeBin };
}

async function install() {
  const log = logFile('poppler');
  try {
    await step('Installing poppler', () => installPackages(PACKAGES, { why: 'Opening PDF files', log }));
    return true;
  } catch (error) {
    if (!(error instanceof SetupFailure)) throw error;
    note(`${error.message} Details: ${log}`);
    return false;
  }
}

function given(env, name) {
  const path = env[name];
  if (!path) return undefined;
  if (isExecutable(path)) return path;
  throw new SetupFailure(`${name} names "${path}", which is not a program that runs here.`, {
    command: `unset ${name}   (Tongke then looks for one itself)`,
  });
}
