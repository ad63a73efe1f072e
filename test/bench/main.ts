import { readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { environmentOf, setup } from '../../scripts/setup.mjs';
import type { Bench } from './bench.ts';

const NOT_BENCHES = new Set(['main.ts', 'bench.ts']);

const names = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((file) => file.isFile() && file.name.endsWith('.ts') && !NOT_BENCHES.has(file.name))
  .map(({ name }) => name.slice(0, -'.ts'.length));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    trace: { type: 'string' },
    seconds: { type: 'string', default: '30' },
    set: { type: 'string', multiple: true, default: [] },
  },
});

async function load(name: string): Promise<Bench> {
  return (await import(`./${name}.ts`)).bench;
}

const [wanted] = positionals;
if (wanted === undefined) {
  console.log('npm run bench -- NAME [--trace FILE] [--seconds S] [--set NAME=VALUE]…, with NAME one of\n');
  for (const name of names) console.log(`  ${name.padEnd(14)}${(await load(name)).about}`);
  process.exit(0);
}
if (!names.includes(wanted)) {
  console.error(`There is no bench "${wanted}"; there are: ${names.join(', ')}`);
  process.exit(2);
}

const seconds = Number(values.seconds);
if (!(seconds > 0)) throw new Error(`--seconds is no duration: ${values.seconds}`);
// Benches start workers, browsers and servers of their own, which look here for what setup found.
Object.assign(process.env, environmentOf(await setup('test', { client: false })));
const bench = await load(wanted);
const settings = Object.fromEntries(values.set.map((setting) => setting.split('=', 2)));
await bench.run({ trace: values.trace, seconds, settings }, (result) =>
  console.log(JSON.stringify({ bench: wanted, ...result })),
);
process.exit(0);
