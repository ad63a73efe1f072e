/**
 * Functions of x as they are written on a board: `2x^2 - 3`, `sin(x)/x`, `|x - 1|`, `2π x`. Read by a parser of our own
 * into closures: nothing that people write is ever run as program.
 */

export type RealFunction = (x: number) => number;

/** Where an expression stops making sense, from 0. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
  readonly at: number;

  constructor(at: number) {
    super(`not understood from character ${at + 1} on`);
    this.at = at;
  }
}

const FUNCTIONS: Readonly<Record<string, RealFunction>> = {
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  sqrt: Math.sqrt,
  abs: Math.abs,
  ln: Math.log,
  log: Math.log10,
  exp: Math.exp,
};

const CONSTANTS: Readonly<Record<string, number>> = { pi: Math.PI, π: Math.PI, e: Math.E };

/** Deeper brackets than any lesson has; bounds recursion. */
const DEEPEST = 40;
export const LONGEST_EXPRESSION = 80;

/** Throws ExpressionError. */
export function parseExpression(text: string): RealFunction {
  const source = text.toLowerCase().replace(/^\s*y\s*=/, (head) => ' '.repeat(head.length));
  if (source.length > LONGEST_EXPRESSION) throw new ExpressionError(LONGEST_EXPRESSION);
  return new Parser(source).whole();
}

class Parser {
  readonly #text: string;
  #at = 0;
  #depth = 0;
  /** Within bars a further bar closes. */
  #bars = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): RealFunction {
    const value = this.#sum();
    if (this.#peek() !== '') throw new ExpressionError(this.#at);
    return value;
  }

  #sum(): RealFunction {
    if (++this.#depth > DEEPEST) throw new ExpressionError(this.#at);
    let left = this.#product();
    for (;;) {
      if (this.#take('+')) left = joined(left, this.#product(), (a, b) => a + b);
      else if (this.#take('-') || this.#take('−')) left = joined(left, this.#product(), (a, b) => a - b);
      else break;
    }
    this.#depth--;
    return left;
  }

  #product(): RealFunction {
    let left = this.#signed();
    for (;;) {
      if (this.#take('*') || this.#take('·') || this.#take('×'))
        left = joined(left, this.#signed(), (a, b) => a * b);
      else if (this.#take('/') || this.#take('÷')) left = joined(left, this.#signed(), (a, b) => a / b);
      else if (this.#beginsValue()) left = joined(left, this.#power(), (a, b) => a * b);
      else return left;
    }
  }

  #signed(): RealFunction {
    if (++this.#depth > DEEPEST) throw new ExpressionError(this.#at);
    const negative = this.#take('-') || this.#take('−');
    const value = negative || this.#take('+') ? this.#signed() : this.#power();
    this.#depth--;
    return negative ? (x) => -value(x) : value;
  }

  /** From the right: 2^3^2 is 2^9. */
  #power(): RealFunction {
    const base = this.#value();
    for (const [sign, exponent] of [
      ['²', 2],
      ['³', 3],
    ] as const) {
      if (this.#take(sign)) return (x) => base(x) ** exponent;
    }
    if (!this.#take('^')) return base;
    return joined(base, this.#signed(), (a, b) => a ** b);
  }

  #value(): RealFunction {
    if (this.#take('(')) {
      const inner = this.#sum();
      if (!this.#take(')')) throw new ExpressionError(this.#at);
      return inner;
    }
    if (this.#take('|')) return this.#barred();
    const number = this.#match(/^(?:\d+\.?\d*|\.\d+)/);
    if (number !== null) {
      const value = Number(number);
      return () => value;
    }
    return this.#named();
  }

  #barred(): RealFunction {
    this.#bars++;
    const inner = this.#sum();
    this.#bars--;
    if (!this.#take('|')) throw new ExpressionError(this.#at);
    return (x) => Math.abs(inner(x));
  }

  #named(): RealFunction {
    const start = this.#at;
    const name = this.#match(/^(?:sin|cos|tan|sqrt|abs|ln|log|exp|pi|π|√|e|x)/);
    if (name === 'x') return (x) => x;
    const apply =
      name === '√' ? Math.sqrt : name !== null && Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : null;
    if (apply) {
      const of = this.#peek() === '(' ? this.#value() : this.#power();
      return (x) => apply(of(x));
    }
    const constant = name !== null && Object.hasOwn(CONSTANTS, name) ? CONSTANTS[name] : undefined;
    if (constant === undefined) throw new ExpressionError(start);
    return () => constant;
  }

  /** What stands side by side is multiplied. */
  #beginsValue(): boolean {
    const next = this.#peek();
    return /^[a-zπ√(]/.test(next) || (next === '|' && this.#bars === 0);
  }

  #peek(): string {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++;
    return this.#text[this.#at] ?? '';
  }

  #take(sign: string): boolean {
    if (this.#peek() !== sign) return false;
    this.#at++;
    return true;
  }

  #match(pattern: RegExp): string | null {
    this.#peek();
    const [found] = pattern.exec(this.#text.slice(this.#at)) ?? [null];
    if (found !== null) this.#at += found.length;
    return found;
  }
}

function joined(
  left: RealFunction,
  right: RealFunction,
  how: (a: number, b: number) => number,
): RealFunction {
  return (x) => how(left(x), right(x));
}
