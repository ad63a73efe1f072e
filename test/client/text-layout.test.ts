import assert from 'node:assert/strict';
import { breakText, linesOf, piecesOf } from '../../client/board/text-layout.ts';

/** Every letter as wide as every other. */
const lines = (text: string, width: number) =>
  linesOf({ text, breaks: breakText(text, width, (line) => [...line].length) });

describe('text layout', () => {
  it('breaks Tibetan after a tsheg, never within a syllable, never before a shad', () => {
    const text = 'བོད་ཡིག་གི་ཚེག་ཤད།';
    assert.equal(piecesOf(text).join(''), text);
    for (const piece of piecesOf(text)) assert.match(piece, /[་།]$/u);
    assert.deepEqual(piecesOf('བཀྲ་ཤིས་བདེ་ལེགས།'), ['བཀྲ་', 'ཤིས་', 'བདེ་', 'ལེགས།']);
  });

  it('keeps together what the tsheg that binds holds', () => {
    assert.deepEqual(piecesOf('ངོ་\u0f0c།'), ['ངོ་\u0f0c།']);
  });

  it('breaks Chinese between characters, but never before or after the wrong mark', () => {
    assert.deepEqual(lines('分数，大小（比较）。', 4), ['分数，大', '小（比', '较）。']);
  });

  it('breaks Latin at spaces, and a word that is too long between its letters', () => {
    assert.deepEqual(lines('one two three', 7), ['one two', 'three']);
    assert.deepEqual(lines('abcdefghij', 4), ['abcd', 'efgh', 'ij']);
  });

  it('keeps the writer’s own lines, and loses nothing', () => {
    assert.deepEqual(lines('一二\n三四五六', 3), ['一二', '三四五', '六']);
    assert.equal(lines('a b', 100).join(''), 'a b');
  });
});
