import { useTranslation } from 'react-i18next';
import { Language, type Localised, localise } from '../../protocol/common.ts';
import { type WatchText, watchTexts } from './i18n.ts';

export interface WatchWords {
  readonly language: Language;
  /** A text of this folder, with its `{{x}}` filled in. */
  say(key: WatchText, values?: Readonly<Record<string, string | number>>): string;
  /** A name or title in the reader's language. */
  name(text: Localised): string;
}

/** The texts of Watch in the page's language. */
export function useWords(): WatchWords {
  const { i18n } = useTranslation();
  const language = Language.catch('zh-CN').parse(i18n.language);
  return {
    language,
    say: (key, values) => fill(watchTexts[language][key], values),
    name: (text) => localise(text, language),
  };
}

export function fill(text: string, values: Readonly<Record<string, string | number>> = {}): string {
  return text.replace(/\{\{(\w+)\}\}/g, (hole, key: string) => String(values[key] ?? hole));
}
