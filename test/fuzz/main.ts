import { parseArgs } from 'node:util';
import { fuzzBoard } from './board.ts';

const USAGE = `npm run fuzz -- board [--seeds N] [--from S]

Runs N seeds (default 1000), from S (default 1) on. A seed that fails is printed with what it broke; to run it
again, exactly as it was: npm run fuzz -- board --seeds 1 --from SEED`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seeds: { type: 'string', default: '1000' }, from: { type: 'string', default: '1' } },
});

if (positionals[0] !== 'board') {
  console.error(USAGE);
  process.exit(2);
}

const from = Number(values.from);
const total = { seeds: 0, failed: 0, operations: 0, entries: 0, kills: 0, cuts: 0, reloads: 0 };
for (let seed = from; seed < from + Number(values.seeds); seed++) {
  total.seeds++;
  try {
    const report = await fuzzBoard(seed);
    for (const key of ['operations', 'entries', 'kills', 'cuts', 'reloads'] as const)
      total[key] += report[key];
  } catch (error) {
    total.failed++;
    console.log(JSON.stringify({ seed, failed: error instanceof Error ? error.message : String(error) }));
  }
}
console.log(JSON.stringify(total));
process.exit(total.failed > 0 ? 1 : 0);
