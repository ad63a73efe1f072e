import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults, ElementContext } from 'axe-core';
import { shot } from './shots.ts';
import type { Visitor } from './visitor.ts';

/** `teach.page.add` and its like: what a text is called, seen where the text should be. */
const KEY = /(?<![\w./@])[a-z][A-Za-z]+\.[a-z][A-Za-z]+(\.[a-z][A-Za-z]+)*(?![\w./])/;

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** The page is in its language from title to tooltip, and has complained of nothing. */
export async function speaks(visitor: Visitor, face: string): Promise<void> {
  const { page, language } = visitor;
  await shot(visitor, face);
  assert.equal(await page.locator('html').getAttribute('lang'), language);
  assert.equal(await page.title(), visitor.say('app.name'));
  const words = await page.evaluate(wordsOfThePage);
  assert.ok(words.length > 3, `${face} says something`);
  const keys = words.filter((word) => KEY.test(word));
  assert.deepEqual(keys, [], `${face}: keys where texts should be`);
  assert.deepEqual(await page.evaluate(wordsCutOff), [], `${face} in ${language}: cut off`);
  assert.deepEqual(visitor.complaints, [], `${face} in ${language}`);
}

/** axe finds nothing serious. What React Aria says aside to screen readers is no part of the page. */
export async function isOpenToAll({ page, language }: Visitor, face: string): Promise<void> {
  await page.evaluate(await readFile(AXE, 'utf8'));
  const violations = await page.evaluate(seriousViolations, { exclude: ['[data-live-announcer]'] });
  assert.deepEqual(violations, [], `${face} in ${language}`);
}

/** What Tibetan writes above and below a line is not in its box, and nowhere cut off. Runs in the page. */
function wordsCutOff(): string[] {
  return [...document.querySelectorAll<HTMLElement>('body *')]
    .filter(({ clientHeight, scrollHeight }) => clientHeight > 1 && scrollHeight > clientHeight + 1)
    .filter((one) => getComputedStyle(one).overflowY === 'hidden' && one.innerText !== '')
    .map((one) => `${one.tagName}.${one.className}: ${one.innerText}`);
}

/** All that is read or read aloud. Runs in the page. */
function wordsOfThePage(): string[] {
  const attributes = ['aria-label', 'title', 'placeholder', 'alt'];
  const named = [...document.querySelectorAll(attributes.map((name) => `[${name}]`).join())];
  const names = named.flatMap((element) => attributes.map((name) => element.getAttribute(name) ?? ''));
  return [...document.body.innerText.split('\n'), ...names].filter((word) => word !== '');
}

/** Runs in the page, after axe was put there. */
async function seriousViolations(context: ElementContext): Promise<string[]> {
  const page: Window & { axe?: { run(context: ElementContext): Promise<AxeResults> } } = window;
  if (!page.axe) throw new Error('axe is not there');
  const { violations } = await page.axe.run(context);
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}
