import { Button } from 'react-aria-components/Button';
import { Group } from 'react-aria-components/Group';
import { useTranslation } from 'react-i18next';
import { chooseLanguage, LANGUAGES } from '../i18n/index.ts';
import styles from './LanguageChoice.module.css';
import { useLanguage } from './Name.tsx';
import { useTell } from './Toasts.tsx';

/** Each language in its own words, so that one finds one's own on a page one cannot read. */
export function LanguageChoice() {
  const { t } = useTranslation();
  const current = useLanguage();
  const tell = useTell();
  return (
    <Group aria-label={t('menu.language')} className={styles.choice}>
      {LANGUAGES.map((language) => (
        <Button
          key={language}
          className={styles.language}
          aria-pressed={language === current}
          onPress={() => chooseLanguage(language).catch(tell.error)}
        >
          <span lang={language} className={language === 'bo' ? styles.tibetan : undefined}>
            {t(`language.${language}`)}
          </span>
        </Button>
      ))}
    </Group>
  );
}
