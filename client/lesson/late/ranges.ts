export interface Range {
  readonly from: number;
  readonly to: number;
}

/** What is lacking of a line: stretches that lie apart, the earliest first. */
export class Ranges {
  #all: Range[] = [];

  get all(): readonly Range[] {
    return this.#all;
  }

  add(from: number, to: number): void {
    const touches = (each: Range) => each.from <= to && each.to >= from;
    const touched = this.#all.filter(touches);
    const joined = {
      from: Math.min(from, ...touched.map((each) => each.from)),
      to: Math.max(to, ...touched.map((each) => each.to)),
    };
    this.#all = [...this.#all.filter((each) => !touches(each)), joined].sort((a, b) => a.from - b.from);
  }

  remove(from: number, to: number): void {
    this.#all = this.#all.flatMap((each) => {
      if (each.to <= from || each.from >= to) return [each];
      const before = { from: each.from, to: from };
      const after = { from: to, to: each.to };
      return [before, after].filter((rest) => rest.to > rest.from);
    });
  }
}
