import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openPromise } from 'yauzl';
import type { MadePages, Making } from './making.ts';
import { openPdf } from './pdf.ts';
import { FileRefused } from './refused.ts';
import { runTool, ToolError } from './tool.ts';

/** What slides may become when they are unpacked; ordinary ones with many photographs become a tenth of it. */
const MOST_UNPACKED = 600 * 1024 * 1024;
const MOST_ENTRIES = 20_000;
/** So much more than it is: text and XML compress to a tenth, zeros to a thousandth. */
const MOST_SWELLING = 200;
/** Below this nothing swells dangerously. */
const HARMLESS = 20 * 1024 * 1024;

const LIMITS = { seconds: 180, patienceSeconds: 600, megabytes: 6_144, fileMegabytes: 256 };

/** Slides as LibreOffice prints them. Throws FileRefused. */
export async function openSlides(path: string, bytes: number, making: Making): Promise<MadePages> {
  await inspectArchive(path, bytes);
  const { soffice } = making.tools;
  if (soffice === null) throw new FileRefused('slides_unavailable');
  const output = join(making.folder, 'printed');
  const profile = join(making.folder, 'profile');
  await mkdir(join(profile, 'user'), { recursive: true });
  await writeFile(join(profile, 'user', 'registrymodifications.xcu'), PROFILE);
  const args = [
    ...[
      `-env:UserInstallation=file://${profile}`,
      '--headless',
      '--norestore',
      '--nolockcheck',
      '--nodefault',
    ],
    ...['--convert-to', 'pdf:impress_pdf_Export', '--outdir', output, path],
  ];
  try {
    await runTool({ program: soffice, args, folder: making.folder, limits: LIMITS, signal: making.signal });
  } catch (error) {
    if (error instanceof ToolError)
      throw new FileRefused('conversion_failed', error.stderr.slice(0, 400), { cause: error });
    throw error;
  }
  // It ends with 0 as well where it could not read the slides.
  const [printed] = await readdir(output).catch(() => []);
  if (printed === undefined) throw new FileRefused('file_damaged', 'nothing was printed');
  return openPdf(join(output, printed), making);
}

/** No macros, nothing fetched from elsewhere that slides refer to, no update of what they link. */
const PROFILE = `<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
${[
  ['Scripting', 'BlockUntrustedRefererLinks', 'true'],
  ['Scripting', 'DisableMacrosExecution', 'true'],
  ['Scripting', 'DisableActiveContent', 'true'],
  ['Scripting', 'MacroSecurityLevel', '3'],
]
  .map(
    ([node, name, value]) =>
      `<item oor:path="/org.openoffice.Office.Common/Security/${node}"><prop oor:name="${name}" oor:op="fuse"><value>${value}</value></prop></item>`,
  )
  .join('\n')}
</oor:items>
`;

/**
 * Reads the whole archive before anyone else does, and believes no size that it tells of itself: what swells, or is no
 * presentation, goes no further.
 */
async function inspectArchive(path: string, bytes: number): Promise<void> {
  const most = Math.min(MOST_UNPACKED, Math.max(HARMLESS, bytes * MOST_SWELLING));
  let unpacked = 0;
  let entries = 0;
  let isPresentation = false;
  try {
    const archive = await openPromise(path, { strictFileNames: true });
    for await (const entry of archive.eachEntry()) {
      if (++entries > MOST_ENTRIES) throw new FileRefused('file_swells', `${entries} entries`);
      if (entry.isEncrypted()) throw new FileRefused('file_locked');
      isPresentation ||= entry.fileName === 'ppt/presentation.xml';
      if (entry.fileName.endsWith('/')) continue;
      for await (const chunk of await archive.openReadStreamPromise(entry)) {
        unpacked += Buffer.byteLength(chunk);
        if (unpacked > most) throw new FileRefused('file_swells', `${unpacked} bytes of ${bytes}`);
      }
    }
  } catch (error) {
    // Names that lead out of the archive, sizes that are not true, checksums that do not fit, an end that is missing.
    throw error instanceof FileRefused
      ? error
      : new FileRefused('file_damaged', String(error), { cause: error });
  }
  if (!isPresentation) throw new FileRefused('file_kind_unknown', 'an archive without a presentation');
}
