import type { Language, Localised } from './common.ts';

// Apart from the schemas: see `tongke-error.ts`.

/** The reader's language where there is one, else Chinese, the working language of every school served. */
export function localise(text: Localised, language: Language): string {
  return text[language] ?? text['zh-CN'];
}

/** `record[key]`, but never what every object inherits: keys come from the network. */
export function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
