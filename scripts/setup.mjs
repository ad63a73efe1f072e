// Makes a checkout ready to run: `node scripts/setup.mjs [--for=run|test]`. Every part looks first whether there is
// anything to do, so a second run takes a moment. What was found is written to node_modules/.tongke.json:
//
//   workerBin        the mediasoup worker
//   ffmpegBin, ffprobeBin (null where there is none)
//   pdftocairoBin, sofficeBin   what opens PDF and PPTX; null where there is none
//   databaseCommand  the words that start a Node script with the embedded database; null with MONGODB_URI
//   chromiumBin      the browser of the tests; null unless set up for them
import { existsSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { ensureChromium } from './lib/chromium.mjs';
import { ensureClient } from './lib/client.mjs';
import { ensureCourseware } from './lib/courseware.mjs';
import { databaseCommand } from './lib/database.mjs';
import { report, SetupFailure } from './lib/failure.mjs';
import { ensureFfmpeg } from './lib/ffmpeg.mjs';
import { ensureNode, ensurePackages } from './lib/packages.mjs';
import { readJson, resultFile } from './lib/places.mjs';
import { elapsed } from './lib/progress.mjs';
import { ensureWorker } from './lib/worker.mjs';

const PURPOSES = ['run', 'test'];

/**
 * @typedef {{ workerBin: string, ffmpegBin: string, ffprobeBin: string | null, databaseCommand: string[] | null,
 *   chromiumBin: string | null, pdftocairoBin: string | null, sofficeBin: string | null }} SetupResult
 */

/**
 * Makes the checkout ready for `purpose` and gives what was found. Rejects with `SetupFailure` for what a technician
 * can mend. `client: false` leaves the pages as they are.
 *
 * @param {'run' | 'test'} purpose
 * @param {{ client?: boolean }} [options]
 * @returns {Promise<SetupResult>}
 */
export async function setup(purpose = 'run', { client = true } = {}) {
  if (!PURPOSES.includes(purpose)) {
    throw new SetupFailure(`There is no set-up for "${purpose}".`, {
      command: 'npm run setup -- --for=test',
    });
  }
  await ensurePackages();
  ensureNode();
  const command = await databaseCommand();
  const { ffmpegBin, ffprobeBin } = await ensureFfmpeg();
  const courseware = await ensureCourseware(readJson(resultFile));
  const chromiumBin = purpose === 'test' ? await ensureChromium() : chromiumKnown();
  const workerBin = await ensureWorker();
  const result = {
    workerBin,
    ffmpegBin,
    ffprobeBin: ffprobeBin ?? null,
    databaseCommand: command ?? null,
    chromiumBin,
    ...courseware,
  };
  writeResult(result);
  if (client) await ensureClient();
  return result;
}

/** Setting up for running does not forget the browser that was set up for testing. */
function chromiumKnown() {
  const known = readJson(resultFile)?.chromiumBin;
  return known && existsSync(known) ? known : null;
}

function writeResult(result) {
  const text = `${JSON.stringify(result, null, 2)}\n`;
  if (JSON.stringify(readJson(resultFile)) !== JSON.stringify(result)) writeFileSync(resultFile, text);
}

/** The environment in which the server and the tests find what setup found. */
export function environmentOf(result, env = process.env) {
  return {
    ...env,
    MEDIASOUP_WORKER_BIN: result.workerBin,
    FFMPEG_BIN: result.ffmpegBin,
    ...(result.ffprobeBin && { FFPROBE_BIN: result.ffprobeBin }),
    ...(result.pdftocairoBin && { PDFTOCAIRO_BIN: result.pdftocairoBin }),
    ...(result.sofficeBin && { SOFFICE_BIN: result.sofficeBin }),
    ...(result.chromiumBin && { CHROMIUM_BIN: result.chromiumBin }),
  };
}

async function main() {
  const started = Date.now();
  const purpose = process.argv.find((word) => word.startsWith('--for='))?.slice('--for='.length) ?? 'run';
  await setup(purpose);
  console.log(`✔ Ready to ${purpose} (${elapsed(Date.now() - started)})`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main().catch(report);
