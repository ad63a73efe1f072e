// Finds what a TypeScript or JavaScript file imports, by its tokens: text in comments, strings, templates and regular
// expressions is never mistaken for an import, and no compiler is needed.

/** @typedef {{ kind: 'word' | 'string' | 'mark', text: string, line: number }} Token */

const SPACE = /\s+/y;
const COMMENT = /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y;
// A quote that its line does not close is text between JSX tags ("don't"), not a string.
const STRING = /'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*"/y;
const WORD = /[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/uy;
const NUMBER = /\d[\w.]*/y;
const REGEX = /\/(?![*/])(?:[^\\/[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[dgimsuvy]*/y;
/** A template's text up to its end or to the next `${`. */
const TEMPLATE_TEXT = /(?:[^`\\$]|\\[\s\S]|\$(?!\{))*(?:`|\$\{|$)/y;
const VALUE = '0'; // stands for any number, regular expression or template: what follows it divides

/** Words after which a slash starts a regular expression; after any other word it divides. */
const BEFORE_REGEX = new Set([
  'return',
  'typeof',
  'case',
  'in',
  'of',
  'do',
  'else',
  'void',
  'delete',
  'throw',
  'await',
  'yield',
  'new',
]);

/**
 * Every module that `source` imports: static and type imports, re-exports, `import()` as a call or in a type,
 * `require()` and `new URL('…', import.meta.url)`. `specifier` is `undefined` where the argument is not a plain string.
 *
 * @param {string} source
 * @returns {{ specifier: string | undefined, line: number }[]}
 */
export function findImports(source) {
  const tokens = tokenize(source);
  const found = [];
  for (let i = 0; i < tokens.length; i++) {
    const specifier = importAt(tokens, i);
    if (specifier) found.push({ specifier: specifier.text, line: tokens[i].line });
  }
  return found;
}

/** The module that the statement or call starting at token `i` names; `{ text: undefined }` if it can't be known. */
function importAt(tokens, i) {
  const { kind, text } = tokens[i];
  const previous = tokens[i - 1]?.text;
  if (kind !== 'word' || previous === '.' || previous === '?.') return undefined;
  const next = tokens[i + 1];
  if (text === 'import' || text === 'require') {
    if (next?.text === '(') return definesMethod(tokens, i) ? undefined : argument(tokens[i + 2]);
    if (text === 'import' && next?.kind === 'string') return next;
  }
  if (text === 'from' && next?.kind === 'string' && endsClause(tokens, i)) return next;
  if (
    text === 'new' &&
    next?.text === 'URL' &&
    tokens[i + 2]?.text === '(' &&
    usesImportMeta(tokens, i + 3)
  ) {
    return argument(tokens[i + 3]);
  }
  return undefined;
}

/** `from` belongs to an import or export only after a name, `}` or `*`; `Array.from('x')` has a dot before it. */
function endsClause(tokens, i) {
  const before = tokens[i - 1];
  return before !== undefined && (before.kind === 'word' || before.text === '}' || before.text === '*');
}

/** A method may be called `import`, too: then its parameters are followed by its body or its type. */
function definesMethod(tokens, i) {
  if (tokens[i + 2]?.kind === 'string' || tokens[i - 1]?.text === '?') return false;
  let depth = 0;
  const end = tokens.findIndex((token, at) => {
    if (at <= i || token.kind !== 'mark') return false;
    if (token.text === '(') depth++;
    if (token.text === ')') depth--;
    return depth === 0;
  });
  return end > 0 && [':', '{'].includes(tokens[end + 1]?.text);
}

function usesImportMeta(tokens, i) {
  return tokens
    .slice(i, i + 6)
    .some((token, at, all) => token.text === 'import' && all[at + 1]?.text === '.');
}

function argument(token) {
  return token?.kind === 'string' ? token : { text: undefined };
}

/** @returns {Token[]} */
function tokenize(source) {
  return new Scanner(source).run();
}

class Scanner {
  #source;
  #at = 0;
  #line = 1;
  #tokens = [];
  /** For every template that is open, how many braces are open inside its current `${`. */
  #templates = [];

  constructor(source) {
    this.#source = source;
  }

  run() {
    while (this.#at < this.#source.length) this.#step();
    return this.#tokens;
  }

  #step() {
    if (this.#take(SPACE) || this.#take(COMMENT)) return;
    const line = this.#line;
    const string = this.#take(STRING);
    if (string) return this.#add('string', string.slice(1, -1), line);
    const word = this.#take(WORD);
    if (word) return this.#add('word', word, line);
    const value = this.#take(NUMBER) || (startsRegex(this.#tokens.at(-1)) && this.#take(REGEX));
    if (value) return this.#add('mark', VALUE, line);
    this.#mark(this.#source[this.#at++], line);
  }

  #mark(char, line) {
    const innermost = this.#templates.length - 1;
    if (char === '`') {
      this.#add('mark', VALUE, line);
      this.#templateText();
    } else if (char === '}' && this.#templates[innermost] === 0) {
      this.#templates.pop();
      this.#templateText();
    } else {
      if (char === '{' && innermost >= 0) this.#templates[innermost]++;
      if (char === '}' && innermost >= 0) this.#templates[innermost]--;
      this.#add('mark', char, line);
    }
  }

  #templateText() {
    if (this.#take(TEMPLATE_TEXT).endsWith('${')) this.#templates.push(0);
  }

  /** What `pattern` matches here, which is passed over; the empty string where it does not match. */
  #take(pattern) {
    pattern.lastIndex = this.#at;
    const text = pattern.exec(this.#source)?.[0] ?? '';
    this.#at += text.length;
    this.#line += text.split('\n').length - 1;
    return text;
  }

  #add(kind, text, line) {
    this.#tokens.push({ kind, text, line });
  }
}

function startsRegex(previous) {
  if (!previous) return true;
  if (previous.kind === 'word') return BEFORE_REGEX.has(previous.text);
  // After a value it divides; after `<` it closes a JSX tag.
  return previous.kind === 'mark' && ![VALUE, ')', ']', '}', '<'].includes(previous.text);
}
