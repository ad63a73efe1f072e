import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import type { Language } from '../../protocol/common.ts';
import { remember, remembered } from '../ui/remember.ts';
import type { Catalogue } from './catalogue.ts';

const CHOICE = 'language';

/** Each language is a chunk of its own: a page loads the one it shows. */
const catalogues: Record<Language, () => Promise<{ default: Catalogue }>> = {
  'zh-CN': () => import('./zh-CN/index.ts'),
  bo: () => import('./bo/index.ts'),
  en: () => import('./en/index.ts'),
};

export const LANGUAGES: readonly Language[] = ['zh-CN', 'bo', 'en'];

export function isLanguage(tag: unknown): tag is Language {
  return LANGUAGES.some((language) => language === tag);
}

/** Resolves once the texts of the chosen language are there. */
export async function startLanguages(): Promise<void> {
  await i18next.use(initReactI18next).init({
    fallbackLng: false,
    interpolation: { escapeValue: false }, // React escapes
    react: { useSuspense: false },
  });
  await show(chosenLanguage());
}

/** For a person's own choice: remembered on this device. */
export async function chooseLanguage(language: Language): Promise<void> {
  remember(CHOICE, language);
  await show(language);
}

/** The account's language, unless this device has been told another. */
export async function suggestLanguage(language: Language): Promise<void> {
  if (remembered(CHOICE) === null) await show(language);
}

async function show(language: Language): Promise<void> {
  if (!i18next.hasResourceBundle(language, 'translation')) {
    const { default: catalogue } = await catalogues[language]();
    i18next.addResourceBundle(language, 'translation', catalogue);
  }
  // First: whoever hears of the language may have a better title.
  document.title = i18next.t('app.name', { lng: language });
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}

/** `?lang=` first, then what was chosen here before, then the browser's languages, then Chinese. */
function chosenLanguage(): Language {
  const asked = new URLSearchParams(location.search).get('lang');
  if (isLanguage(asked)) {
    remember(CHOICE, asked);
    return asked;
  }
  const before = remembered(CHOICE);
  if (isLanguage(before)) return before;
  const spoken = navigator.languages.map((tag) => tag.split('-')[0]);
  return LANGUAGES.find((language) => spoken.includes(language.split('-')[0])) ?? 'zh-CN';
}
