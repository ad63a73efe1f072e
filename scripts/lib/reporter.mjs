import Mocha from 'mocha';

/** Before `scripts/test.mjs` ends a run that does not end by itself. */
const TELL_AFTER_MS = 45_000;

/**
 * Mocha's `spec` output, with each failure's reason at once (a run that breaks off would not tell it), which then tells the
 * process that started mocha how many tests passed and failed.
 */
export default class SummaryReporter extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.on('fail', (_test, error) => console.log(error.stack ?? String(error)));
    runner.once('end', () => {
      const { passes = 0, failures = 0, pending = 0 } = this.stats ?? {};
      process.send?.({ passes, failures, pending });
      setTimeout(tellWhatIsOpen, TELL_AFTER_MS).unref();
    });
  }
}

/** What keeps this process alive, each with its addresses where it has any. */
function tellWhatIsOpen() {
  const open = process.report.getReport().libuv.filter((handle) => handle.is_active && handle.is_referenced);
  for (const { type, localEndpoint, remoteEndpoint, fd, pid } of open)
    console.log('Still open:', JSON.stringify({ type, localEndpoint, remoteEndpoint, fd, pid }));
}
