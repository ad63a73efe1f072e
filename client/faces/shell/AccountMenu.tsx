import { BookOpen, KeyRound, LogOut, Monitor, Moon, Sun } from 'lucide-react';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { chooseLanguage, LANGUAGES } from '../../i18n/index.ts';
import { useAccount } from '../../router/account.tsx';
import { Menu, type MenuPart } from '../../ui/Menu.tsx';
import { useLanguage } from '../../ui/Name.tsx';
import { useTell } from '../../ui/Toasts.tsx';
import { chooseTheme, THEMES, useTheme } from '../../ui/theme.ts';

const THEME_ICONS = { system: Monitor, light: Sun, dark: Moon };
const THEME_TEXTS = { system: 'menu.themeSystem', light: 'menu.themeLight', dark: 'menu.themeDark' } as const;

/** Whose day has no programs in it: the menu stays short. */
const WITHOUT_PROGRAMS: readonly string[] = ['room', 'student'];

/** Language, appearance, signing out. `children` is the button that opens it. */
export default function AccountMenu({ children }: { children: ReactElement }) {
  const { t } = useTranslation();
  const parts = useMenuParts();
  return (
    <Menu label={t('menu.account')} parts={parts}>
      {children}
    </Menu>
  );
}

function useMenuParts(): readonly MenuPart[] {
  const { t } = useTranslation();
  const { account, signOut } = useAccount();
  const navigate = useNavigate();
  const mayLetPrograms = account !== null && !WITHOUT_PROGRAMS.includes(account.role);
  const tell = useTell();
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
        ...(mayLetPrograms
          ? [{ id: 'tokens', text: t('tokens.title'), icon: KeyRound, onChoose: () => navigate('/tokens') }]
          : []),
        { id: 'out', text: t('action.signOut'), icon: LogOut, onChoose: () => signOut().catch(tell.error) },
      ],
    },
  ];
}
