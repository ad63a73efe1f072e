import { useTranslation } from 'react-i18next';
import { type Language, type Localised, localise } from '../../protocol/common.ts';
import { isLanguage } from '../i18n/index.ts';

/** The language the page is in. */
export function useLanguage(): Language {
  const { i18n } = useTranslation();
  return isLanguage(i18n.language) ? i18n.language : 'zh-CN';
}

/** A name or title in the reader's language, marked with its own so that it is set and read aloud rightly. */
export function Name({ of }: { of: Localised }) {
  const language = useLanguage();
  if (of[language] !== undefined) return <>{of[language]}</>;
  return <span lang="zh-CN">{of['zh-CN']}</span>;
}

/** The same as plain text, for accessible names and sentences. */
export function useName(): (of: Localised) => string {
  const language = useLanguage();
  return (of) => localise(of, language);
}
