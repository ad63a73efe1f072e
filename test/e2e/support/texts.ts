import tibetan from '../../../client/i18n/bo/index.ts';
import type { Catalogue, TextKey } from '../../../client/i18n/catalogue.ts';
import english from '../../../client/i18n/en/index.ts';
import chinese from '../../../client/i18n/zh-CN/index.ts';
import type { WatchText } from '../../../client/replay/i18n.ts';
import { watchTexts } from '../../../client/replay/i18n.ts';
import type { Language, Localised } from '../../../protocol/common.ts';
import { localise } from '../../../protocol/common.ts';
import { PEOPLE } from '../../../server/demo/people.ts';

const CATALOGUES: Readonly<Record<Language, Catalogue>> = { 'zh-CN': chinese, bo: tibetan, en: english };

type Values = Readonly<Record<string, string | number>>;

/** What the pages say for this key, with its `{{x}}` filled in. */
export function text(language: Language, key: TextKey, values: Values = {}): string {
  const found = key.split('.').reduce<unknown>((node, part) => Object(node)[part], CATALOGUES[language]);
  if (typeof found !== 'string') throw new Error(`no text ${key} in ${language}`);
  return fill(found, values);
}

/** The same for the texts of Watch. */
export function watchText(language: Language, key: WatchText, values: Values = {}): string {
  return fill(watchTexts[language][key], values);
}

/** How the demo school calls one of its people. */
export function nameOf(username: string, language: Language): string {
  const person = PEOPLE.find((one) => one.username === username);
  if (!person) throw new Error(`the demo has no ${username}`);
  const name: Localised = person.name;
  return localise(name, language);
}

function fill(said: string, values: Values): string {
  return said.replace(/\{\{(\w+)\}\}/g, (hole, key: string) => String(values[key] ?? hole));
}
