import { useTranslation } from 'react-i18next';
import { useAccount } from '../../router/account.tsx';
import { Highland } from '../../ui/Highland.tsx';
import { LanguageChoice } from '../../ui/LanguageChoice.tsx';
import { Logo } from '../../ui/Logo.tsx';
import { PasswordForm } from './PasswordForm.tsx';
import { SetupForm } from './SetupForm.tsx';
import styles from './SignIn.module.css';

export default function SignIn() {
  const { t } = useTranslation();
  const { setup } = useAccount();
  return (
    <div className={styles.page}>
      <div className={styles.scene}>
        <Logo size={44} shrinks className={styles.logo} />
        <p className={styles.tagline}>{t('app.tagline')}</p>
        <Highland shape="tall" className={styles.highland} />
      </div>
      <div className={styles.languages}>
        <LanguageChoice />
      </div>
      <main className={styles.main}>
        <div className={styles.form}>{setup ? <SetupForm /> : <PasswordForm />}</div>
      </main>
    </div>
  );
}
