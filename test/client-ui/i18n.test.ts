import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import tibetan from '../../client/i18n/bo/index.ts';
import english from '../../client/i18n/en/index.ts';
import chinese from '../../client/i18n/zh-CN/index.ts';
import { ErrorCode } from '../../protocol/errors.ts';

const catalogues = { 'zh-CN': flat(chinese), bo: flat(tibetan), en: flat(english) };

function flat(texts: object, prefix = ''): Map<string, string> {
  return new Map(
    Object.entries(texts).flatMap(([key, value]): [string, string][] =>
      typeof value === 'string' ? [[prefix + key, value]] : [...flat(value, `${prefix}${key}.`)],
    ),
  );
}

const blanks = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name).sort();

describe('catalogues', () => {
  it('have the same keys in every language', () => {
    const keys = [...catalogues['zh-CN'].keys()].sort();
    for (const texts of Object.values(catalogues)) assert.deepEqual([...texts.keys()].sort(), keys);
  });

  it('leave the same blanks to fill, and no text empty', () => {
    for (const [key, chineseText] of catalogues['zh-CN']) {
      for (const texts of Object.values(catalogues)) {
        const text = texts.get(key) ?? '';
        assert.notEqual(text.trim(), '', key);
        assert.deepEqual(blanks(text), blanks(chineseText), key);
      }
    }
  });

  it('are in their own script', () => {
    const languageNames = /^language\./;
    for (const [key, text] of catalogues.bo) {
      if (
        !languageNames.test(key) &&
        /[a-z]{3}|\p{Script=Han}/iu.test(text.replace(/\{\{\w+\}\}|https:\/\//g, ''))
      ) {
        assert.fail(`${key}: ${text}`);
      }
    }
    for (const [key, text] of catalogues.en) {
      if (!languageNames.test(key)) assert.doesNotMatch(text, /\p{Script=Han}|\p{Script=Tibetan}/u, key);
    }
  });

  it('have a sentence for every refusal', () => {
    for (const code of ErrorCode.options) assert.ok(catalogues['zh-CN'].has(`error.${code}`), code);
  });

  it('hold every text of the faces: none stands in the code', () => {
    for (const file of sourcesOf('client/faces', 'client/ui', 'client/router')) {
      const code = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
      assert.doesNotMatch(code.replaceAll("'同', '课'", ''), /\p{Script=Han}|\p{Script=Tibetan}/u, file);
      const spoken =
        /(?:aria-label|title|placeholder|alt)="[^"]*[A-Za-z]{2}|>\s*[A-Z][a-z]+ [a-z]+[^<{;=()]*</;
      assert.doesNotMatch(code, spoken, file);
    }
  });
});

function sourcesOf(...folders: string[]): string[] {
  const root = join(import.meta.dirname, '../..');
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name))
      .map((name) => join(root, folder, name)),
  );
}
