/**
 * `npm run bench -- <name> [option=value …]`: runs the benchmark in `<name>.ts` and prints one JSON object a line.
 */

export interface Result {
  readonly bench: string;
  readonly name: string;
  readonly value: number | null;
  readonly unit: string;
  readonly goal?: number;
  readonly better: 'higher' | 'lower';
  /** What else was measured in the same run. */
  readonly against: Readonly<Record<string, number | null>>;
}

export type Print = (result: Result) => void;
export type Options = Readonly<Record<string, string>>;

async function main([name, ...words]: readonly string[]): Promise<void> {
  if (!name || !/^[a-z-]+$/.test(name)) throw new Error('Which benchmark? For one: npm run bench -- replay');
  const options = Object.fromEntries(words.map((word) => word.replace(/^--/, '').split('=', 2)));
  const bench: { run(print: Print, options: Options): Promise<void> } = await import(`./${name}.ts`);
  await bench.run((result) => console.log(JSON.stringify(result)), options);
}

if (import.meta.main) {
  await main(process.argv.slice(2));
  process.exit(0); // what a benchmark leaves open must not keep it alive
}
