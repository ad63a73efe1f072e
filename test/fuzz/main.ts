import { parseArgs } from 'node:util';
import { fuzzBoard } from './board.ts';
import { fuzzProcess } from './process.ts';

const USAGE = `npm run fuzz -- board|server [--seeds N] [--from S]

Runs N seeds (default 1000, or 5), from S (default 1) on. A seed that fails is printed with what it broke; to run it
again, exactly as it was: npm run fuzz -- board --seeds 1 --from SEED. 'server' does the same to a server as it runs,
with its database, killed by kill -9: there a seed decides what is done, and not when it arrives.`;

const FUZZERS = { board: { fuzz: fuzzBoard, seeds: 1_000 }, server: { fuzz: fuzzProcess, seeds: 5 } };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seeds: { type: 'string' }, from: { type: 'string', default: '1' } },
});

const [name] = positionals;
if (name !== 'board' && name !== 'server') {
  console.error(USAGE);
  process.exit(2);
}
const { fuzz, seeds } = FUZZERS[name];

const from = Number(values.from);
const total = { seeds: 0, failed: 0, operations: 0, entries: 0, kills: 0, cuts: 0, reloads: 0 };
for (let seed = from; seed < from + Number(values.seeds ?? seeds); seed++) {
  total.seeds++;
  try {
    const report = await fuzz(seed);
    for (const key of ['operations', 'entries', 'kills', 'cuts', 'reloads'] as const)
      total[key] += report[key];
  } catch (error) {
    total.failed++;
    console.log(JSON.stringify({ seed, failed: error instanceof Error ? error.message : String(error) }));
  }
}
console.log(JSON.stringify(total));
process.exit(total.failed > 0 ? 1 : 0);
