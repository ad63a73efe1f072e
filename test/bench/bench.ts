/** One measured number, as it is printed: a line of JSON. */
export interface Result {
  /** A name that stays, in snake_case, ending in what is counted. */
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly better: 'less' | 'more';
  /** What the project wants to reach; absent where the number only explains others. */
  readonly goal?: number;
  /** The same measured of others in the same run, and what the value is made of. */
  readonly against?: Readonly<Record<string, number | string>>;
}

export type Report = (result: Result) => void;

export interface BenchOptions {
  /** Handwriting to measure with instead of the project's own: one JSON stroke a line. */
  readonly trace?: string;
  /** How long each measurement in real time lasts, s. */
  readonly seconds: number;
  /** What a bench lets one leave out or change: its README says what. */
  readonly settings: Readonly<Record<string, string>>;
}

/** What a file of this folder exports to be found by its name. */
export interface Bench {
  readonly about: string;
  run(options: BenchOptions, report: Report): Promise<void>;
}

/** The value below which `share` (0..1) of the samples lie; NaN without samples. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Three digits that mean something; more would be noise. */
export function round(value: number): number {
  return Number(value.toPrecision(3));
}
