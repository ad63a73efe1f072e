import { readFileSync } from 'node:fs';

/** Written by `npm run setup`; see scripts/setup.mjs. */
const SETUP_RESULT = new URL('../../node_modules/.tongke.json', import.meta.url);

/**
 * The words that start a Node script with the embedded engine available. On a system whose C library is older than
 * the engine's, setup found a loader for it; everywhere else the running Node does.
 */
export function databaseCommand(): readonly string[] {
  const found = readSetupResult();
  if (typeof found === 'object' && found !== null && 'databaseCommand' in found) {
    const command: unknown = found.databaseCommand;
    if (Array.isArray(command) && command.length > 0 && command.every((word) => typeof word === 'string')) {
      return command;
    }
  }
  return [process.execPath];
}

function readSetupResult(): unknown {
  try {
    return JSON.parse(readFileSync(SETUP_RESULT, 'utf8'));
  } catch {
    return undefined; // not set up by our script: the system's own Node has to do
  }
}
