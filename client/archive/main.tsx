import '../ui/tokens.css';
import '../ui/fonts.css';
import '../ui/base.css';
import { createRoot } from 'react-dom/client';
import { useTranslation } from 'react-i18next';
import { MemoryRouter } from 'react-router';
import { LessonFiles } from '../board/lesson-files.ts';
import { BESIDE } from '../board/page-file.ts';
import { startLanguages } from '../i18n/index.ts';
import { wordsOf } from '../replay/page-words.ts';
import { Watch } from '../replay/Watch.tsx';
import { LanguageChoice } from '../ui/LanguageChoice.tsx';
import { startTheme } from '../ui/theme.ts';
import './data.ts';
import styles from './main.module.css';

const beside = {
  cues: async (track: string) => window.tongkeReplay?.captions[track] ?? null,
  words: async () => wordsOf(window.tongkeReplay?.words ?? []),
};

function Archive() {
  const { t } = useTranslation();
  const data = window.tongkeReplay;
  if (!data) return <p>{t('error.page_failed')}</p>;
  return (
    <div className={styles.archive}>
      <LessonFiles value={BESIDE}>
        <Watch loaded={data} {...{ stale: false, away: false, own: null, keeper: null, beside }} />
      </LessonFiles>
      <div className={styles.language}>
        <LanguageChoice />
      </div>
    </div>
  );
}

/** No `await` at the top: what is no module has none. */
async function start(): Promise<void> {
  startTheme();
  await startLanguages();
  const root = document.getElementById('root');
  if (!root) throw new Error('index.html has no #root');
  createRoot(root).render(
    <MemoryRouter>
      <Archive />
    </MemoryRouter>,
  );
}

void start();
