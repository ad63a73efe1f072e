import assert from 'node:assert/strict';
import { ExpressionError, parseExpression } from '../../client/board/expression.ts';

describe('functions of x', () => {
  const cases: readonly (readonly [text: string, x: number, y: number])[] = [
    ['2x + 1', 3, 7],
    ['y = x^2 - 3', 4, 13],
    ['-x^2', 3, -9],
    ['2^3^2', 0, 512],
    ['2(x+1)(x-1)', 3, 16],
    ['|x - 5| + |x|', 2, 5],
    ['2|x|', -3, 6],
    ['sin(x)/x', Math.PI / 2, 2 / Math.PI],
    ['sin x + cos x', 0, 1],
    ['√x', 9, 3],
    ['sqrt(x^2 + 16)', 3, 5],
    ['2πx', 1, 2 * Math.PI],
    ['e^x', 1, Math.E],
    ['1/2x', 4, 2],
    ['x² + x³', 2, 12],
    ['3 − x', 1, 2],
    ['6 ÷ 2 × x', 2, 6],
    ['.5x', 4, 2],
    ['ln(e)log(100)', 0, 2],
  ];
  for (const [text, x, y] of cases) {
    it(`are understood: ${text}`, () => {
      assert.ok(Math.abs(parseExpression(text)(x) - y) < 1e-9, String(parseExpression(text)(x)));
    });
  }

  const wrong = [
    '',
    '2 +',
    '(x',
    'x)',
    'y',
    'alert(1)',
    'x; x',
    'constructor',
    '__proto__',
    '|x',
    '2..3',
    'x ^',
    '('.repeat(60),
    '-'.repeat(70),
  ];
  for (const text of wrong) {
    it(`are refused where they make no sense: ${text.slice(0, 20) || 'nothing'}`, () => {
      assert.throws(() => parseExpression(text), ExpressionError);
    });
  }
});
