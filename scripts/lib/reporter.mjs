import Mocha from 'mocha';

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
    });
  }
}
