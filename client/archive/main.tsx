import '../ui/tokens.css';
import '../ui/fonts.css';
import '../ui/base.css';
import { useEffect } from 'react';
import { createRoot } from 'react-dom/client';
import { useTranslation } from 'react-i18next';
import { MemoryRouter } from 'react-router';
import { LessonFiles } from '../board/lesson-files.ts';
import { BESIDE } from '../board/page-file.ts';
import { startLanguages } from '../i18n/index.ts';
import { wordsOf } from '../replay/page-words.ts';
import { useWords } from '../replay/texts.ts';
import { type Alone, Watch } from '../replay/Watch.tsx';
import { LanguageChoice } from '../ui/LanguageChoice.tsx';
import { startTheme } from '../ui/theme.ts';
import './data.ts';

const alone: Alone = {
  texts: {
    cues: async (track) => window.tongkeReplay?.captions[track] ?? null,
    words: async () => wordsOf(window.tongkeReplay?.words ?? []),
  },
  corner: <LanguageChoice />,
};

function Archive() {
  const { t } = useTranslation();
  const { name, language } = useWords();
  const data = window.tongkeReplay;
  const title = data && name(data.replay.title);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another language says the application's name
  useEffect(() => {
    if (title) document.title = title;
  }, [title, language]);
  if (!data) return <p>{t('error.page_failed')}</p>;
  return (
    <LessonFiles value={BESIDE}>
      <Watch loaded={data} {...{ stale: false, away: false, own: null, keeper: null, alone }} />
    </LessonFiles>
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
