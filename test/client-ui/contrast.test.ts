import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PALETTES } from '../../client/faces/board/pens.ts';

const css = readFileSync(join(import.meta.dirname, '../../client/ui/tokens.css'), 'utf8');
const [light = '', dark = ''] = css.split('[data-theme="dark"]');

function tokensOf(...parts: string[]): Map<string, string> {
  return new Map(
    parts.flatMap((part) =>
      [...part.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(
        ([, name = '', value = '']): [string, string] => [name, value],
      ),
    ),
  );
}

/** WCAG 2.2: relative luminance and contrast ratio. */
function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

/** Text on ground, as the components use them. */
const PAIRS = [
  ...['paper', 'surface', 'sunk'].flatMap((ground) => [
    ['ink', ground],
    ['ink-soft', ground],
  ]),
  ...['lake', 'cinnabar', 'barley', 'pine'].flatMap((accent) => [
    [accent, 'paper'],
    [accent, 'surface'],
    [accent, `${accent}-wash`],
    ['ink', `${accent}-wash`],
  ]),
  ...['lake', 'cinnabar', 'live'].map((fill) => [`on-${fill}`, fill]),
  ['on-lake', 'lake-deep'],
  ['on-cinnabar', 'cinnabar-deep'],
  ['on-barley', 'barley-fill'],
  ['on-board', 'board'],
  ['on-screen', 'screen'],
  ['ink-rest', 'night'],
];

describe('colours', () => {
  for (const [theme, tokens] of Object.entries({ light: tokensOf(light), dark: tokensOf(light, dark) })) {
    it(`are read easily in the ${theme} theme`, () => {
      for (const [text = '', ground = ''] of PAIRS) {
        const [front, back] = [tokens.get(text), tokens.get(ground)];
        assert.ok(front && back, `${text} on ${ground}: no such token`);
        const ratio = contrast(front, back);
        assert.ok(ratio >= 4.5, `${text} on ${ground}: ${ratio.toFixed(2)}`);
      }
    });

    it(`draw the edges of controls visibly in the ${theme} theme`, () => {
      for (const ground of ['paper', 'surface']) {
        const ratio = contrast(tokens.get('line-strong') ?? '', tokens.get(ground) ?? '');
        assert.ok(ratio >= 3, `line-strong on ${ground}: ${ratio.toFixed(2)}`);
      }
    });
  }

  it('of ink are read from the last row', () => {
    for (const { value } of PALETTES.pen.colours) assert.ok(contrast(value, '#ffffff') >= 4.5, value);
  });
});
