import { LogOut, Monitor, Moon, Sun, UserRound } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from 'react-aria-components/Button';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { chooseLanguage, LANGUAGES } from '../../i18n/index.ts';
import { useAccount } from '../../router/account.tsx';
import { Logo } from '../../ui/Logo.tsx';
import { Menu, type MenuPart } from '../../ui/Menu.tsx';
import { Name, useLanguage } from '../../ui/Name.tsx';
import { useTell } from '../../ui/Toasts.tsx';
import { chooseTheme, THEMES, useTheme } from '../../ui/theme.ts';
import styles from './Header.module.css';

const THEME_ICONS = { system: Monitor, light: Sun, dark: Moon };
const THEME_TEXTS = { system: 'menu.themeSystem', light: 'menu.themeLight', dark: 'menu.themeDark' } as const;

/** Above every face on which nobody teaches. */
export function Header({ children }: { children?: ReactNode }) {
  return (
    <header className={styles.header}>
      <Link to="/" className={styles.home}>
        <Logo size={40} shrinks />
      </Link>
      {children}
      <AccountMenu />
    </header>
  );
}

function AccountMenu() {
  const { t } = useTranslation();
  const { account } = useAccount();
  const parts = useMenuParts();
  if (!account) return null;
  return (
    <Menu label={t('menu.account')} parts={parts}>
      <Button className={styles.account}>
        <span className={styles.unseen}>{t('menu.account')}</span>
        <span className={styles.person}>
          <span className={styles.name}>
            <Name of={account.name} />
          </span>
          <span className={styles.school}>
            <Name of={account.school.name} />
          </span>
        </span>
        <span aria-hidden className={styles.avatar}>
          <UserRound size={22} />
        </span>
      </Button>
    </Menu>
  );
}

function useMenuParts(): readonly MenuPart[] {
  const { t } = useTranslation();
  const { signOut } = useAccount();
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
        { id: 'out', text: t('action.signOut'), icon: LogOut, onChoose: () => signOut().catch(tell.error) },
      ],
    },
  ];
}
