/**
 * `npm run chaos -- recording [--kills 100] [--seed 1]`: kills what it names at random moments and prints, one JSON
 * object a line, what that cost. The same seed kills the same things after the same time.
 */
import { parseArgs } from 'node:util';
import type { Report } from '../bench/bench.ts';

export interface ChaosOptions {
  readonly kills: number;
  readonly seed: number;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { kills: { type: 'string', default: '100' }, seed: { type: 'string', default: '1' } },
  });
  const [name = ''] = positionals;
  const options = { kills: Number(values.kills), seed: Number(values.seed) };
  if (!/^[a-z-]+$/.test(name) || !(options.kills > 0))
    throw new Error('npm run chaos -- recording --kills 100');
  const chaos: { run(report: Report, options: ChaosOptions): Promise<void> } = await import(`./${name}.ts`);
  await chaos.run((result) => console.log(JSON.stringify({ chaos: name, ...result })), options);
}

if (import.meta.main) {
  await main();
  process.exit(0); // what was killed may have left a handle behind
}
