import { UserRound } from 'lucide-react';
import { lazy, Suspense } from 'react';
import { Button } from 'react-aria-components/Button';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useAccount } from '../../router/account.tsx';
import { Logo } from '../../ui/Logo.tsx';
import { Name } from '../../ui/Name.tsx';
import styles from './Header.module.css';

/** After the page itself: nobody opens a menu before they have seen their lessons. */
const AccountMenu = lazy(() => import('./AccountMenu.tsx'));

/** Above every face on which nobody teaches. */
export function Header() {
  const { account } = useAccount();
  return (
    <header className={styles.header}>
      <Link to="/" className={styles.home}>
        <Logo size={40} shrinks />
      </Link>
      {account && (
        <Suspense fallback={<Person />}>
          <AccountMenu>
            <Person />
          </AccountMenu>
        </Suspense>
      )}
    </header>
  );
}

function Person() {
  const { t } = useTranslation();
  const { account } = useAccount();
  if (!account) return null;
  return (
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
  );
}
