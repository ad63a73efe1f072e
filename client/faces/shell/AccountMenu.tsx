import { BookOpen, HardDrive, KeyRound, LogOut, Monitor, Moon, Sun } from 'lucide-react';
import { lazy, type ReactElement, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { chooseLanguage, LANGUAGES } from '../../i18n/index.ts';
import { useAccount } from '../../router/account.tsx';
import { Menu, type MenuPart } from '../../ui/Menu.tsx';
import { useLanguage } from '../../ui/Name.tsx';
import { useTell } from '../../ui/Toasts.tsx';
import { chooseTheme, THEMES, useTheme } from '../../ui/theme.ts';

/** What keeps replays is loaded when somebody signs out, not before. */
const SignOut = lazy(() => import('../../replay/kept/SignOut.tsx'));

const THEME_ICONS = { system: Monitor, light: Sun, dark: Moon };
const THEME_TEXTS = { system: 'menu.themeSystem', light: 'menu.themeLight', dark: 'menu.themeDark' } as const;

/** Whose day has no programs in it: the menu stays short. */
const WITHOUT_PROGRAMS: readonly string[] = ['room', 'student'];

/** Language, appearance, signing out. `children` is the button that opens it. */
export default function AccountMenu({ children }: { children: ReactElement }) {
  const { t } = useTranslation();
  const [isLeaving, setLeaving] = useState(false);
  const parts = useMenuParts(() => setLeaving(true));
  return (
    <>
      <Menu label={t('menu.account')} parts={parts}>
        {children}
      </Menu>
      {isLeaving && (
        <Suspense fallback={null}>
          <SignOut onClose={() => setLeaving(false)} />
        </Suspense>
      )}
    </>
  );
}

function useMenuParts(leave: () => void): readonly MenuPart[] {
  const { t } = useTranslation();
  const { account } = useAccount();
  const mayLetPrograms = account !== null && !WITHOUT_PROGRAMS.includes(account.role);
  const tell = useTell();
  const navigate = useNavigate();
  const language = useLanguage();
  const theme = useTheme();
  return [
    {
      id: 'language',
      title: t('menu.language'),
      chosen: language,
      choices: LANGUAGES.map((id) => ({
        id,
        text: t(`language.${id}`),
        lang: id,
        onChoose: () => chooseLanguage(id).catch(tell.error),
      })),
    },
    {
      id: 'theme',
      title: t('menu.theme'),
      chosen: theme,
      choices: THEMES.map((id) => ({
        id,
        text: t(THEME_TEXTS[id]),
        icon: THEME_ICONS[id],
        onChoose: () => chooseTheme(id),
      })),
    },
    {
      id: 'account',
      choices: [
        {
          id: 'library',
          text: t('after.library.title'),
          icon: BookOpen,
          onChoose: () => navigate('/library'),
        },
        { id: 'kept', text: t('kept.title'), icon: HardDrive, onChoose: () => void navigate('/kept') },
        ...(mayLetPrograms
          ? [{ id: 'tokens', text: t('tokens.title'), icon: KeyRound, onChoose: () => navigate('/tokens') }]
          : []),
        { id: 'out', text: t('action.signOut'), icon: LogOut, onChoose: leave },
      ],
    },
  ];
}
