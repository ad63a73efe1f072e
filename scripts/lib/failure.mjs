/**
 * A failure that was foreseen: one sentence that a school's technician understands, the command to run by hand
 * and, where there is one, the log that tells more. It is shown without a stack; anything else is a bug and is not.
 */
export class SetupFailure extends Error {
  name = 'SetupFailure';

  /** @param {string} message @param {{ command?: string, log?: string }} [help] */
  constructor(message, { command, log } = {}) {
    super(message);
    this.command = command;
    this.log = log;
  }
}

/** Shows a failure and sets the exit code; an unforeseen error keeps its stack, because it is ours to mend. */
export function report(error) {
  process.exitCode = 1;
  if (!(error instanceof SetupFailure)) {
    console.error(error);
    return;
  }
  console.error(`\n✘ ${error.message}`);
  if (error.command) console.error(`  Run by hand:  ${error.command}`);
  if (error.log) console.error(`  Details:      ${error.log}`);
}
