import type { Catalogue } from '../catalogue.ts';

export const plot: Catalogue['plot'] = {
  graph: 'Function graph',
  numberline: 'Number line',
  functions: 'Functions, one a line',
  hint: 'Such as: 2x + 1, x^2, sin(x), √x, |x - 2|',
  left: 'x from',
  right: 'x to',
  low: 'y from',
  high: 'y to',
  from: 'From',
  to: 'To',
  parts: 'Parts of a unit',
  insert: 'Put on the board',
  notUnderstood: '“{{text}}” is not understood. Check its brackets; the only variable is x.',
  tooMany: 'Six functions at most at a time.',
  wrongSpan: 'These ends do not fit. Give numbers, the second larger than the first.',
  wrongLine:
    'These ends do not fit. Give whole numbers, the end larger than the start, at most 200 marks and 10 parts.',
};
