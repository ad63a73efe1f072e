import Mocha from 'mocha';

/** Mocha's `spec` output, which then tells the process that started mocha how many tests passed and failed. */
export default class SummaryReporter extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once('end', () => {
      const { passes = 0, failures = 0, pending = 0 } = this.stats ?? {};
      process.send?.({ passes, failures, pending });
    });
  }
}
