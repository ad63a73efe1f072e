import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { askForCode, signInByKey } from '../../devices/enrolment.ts';
import { canBeDevice, openIdentity } from '../../devices/identity.ts';
import { useAccount } from '../../router/account.tsx';
import { LanguageChoice } from '../../ui/LanguageChoice.tsx';
import { Logo } from '../../ui/Logo.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { useAwake } from '../../ui/useAwake.ts';
import { useErrorText } from '../../ui/useErrorText.ts';
import styles from './Pairing.module.css';
import { QrCode } from './QrCode.tsx';

/** How often a screen asks whether someone has entered its code, milliseconds. */
const ASK_EVERY = 4_000;
/** Asked for again when it has this long left at most: then the server soon has another. Milliseconds. */
const RENEW_BEFORE = 2 * ASK_EVERY;

/** /room in a browser that is nobody's yet: eight digits for the technician. Paired, it goes on by itself. */
export default function Pairing() {
  useAwake();
  const { t } = useTranslation();
  const errorText = useErrorText();
  const { code, problem } = usePairing();
  return (
    <div className={styles.screen} data-theme="dark">
      <header className={styles.head}>
        <Logo size={40} shrinks />
        <LanguageChoice />
      </header>
      <main className={styles.main}>
        <h1>{t('pairing.title')}</h1>
        {!canBeDevice() && <Notice tone="error">{t('pairing.insecure')}</Notice>}
        {problem !== null && <Notice tone="warning">{errorText(problem)}</Notice>}
        {canBeDevice() && !code && problem === null && <p role="status">{t('pairing.preparing')}</p>}
        {code && (
          <>
            <p>{t('pairing.intro')}</p>
            <div className={styles.code}>
              <p className={styles.digits} data-testid="code">
                {code.slice(0, 4)} {code.slice(4)}
              </p>
              <QrCode text={`${location.origin}/devices/pair?code=${code}`} label={t('pairing.qr')} />
            </div>
            <p role="status">{t('pairing.waiting')}</p>
          </>
        )}
        <p>
          <Link to="/signin" state={{ from: '/room' }}>
            {t('pairing.password')}
          </Link>
        </p>
      </main>
    </div>
  );
}

interface Shown {
  readonly code: string | null;
  readonly problem: unknown;
}

/** Signs in by the key as soon as that works; until then there is a code to show. */
function usePairing(): Shown {
  const { adopt } = useAccount();
  const [shown, setShown] = useState<Shown>({ code: null, problem: null });

  useEffect(() => {
    if (!canBeDevice()) return;
    let closed = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    // By the time that the page has been open: the clock of a new screen may never have been set.
    let good: { code: string; until: number } | null = null;
    const step = async () => {
      const identity = await openIdentity({ make: true });
      if (!identity) return;
      const enrolment = await signInByKey(identity);
      if (closed) return;
      if (enrolment.state === 'enrolled') return adopt(enrolment.account);
      if (enrolment.state === 'revoked') good = null;
      else if (!good || good.until - RENEW_BEFORE < performance.now()) {
        const { code, expiresAt, now } = await askForCode(identity);
        good = { code, until: performance.now() + expiresAt - now };
      }
      setShown({ code: good?.code ?? null, problem: null });
    };
    const run = async () => {
      try {
        await step();
      } catch (problem) {
        setShown((before) => ({ ...before, problem }));
      }
      if (!closed) timer = setTimeout(() => void run(), ASK_EVERY);
    };
    void run();
    return () => {
      closed = true;
      clearTimeout(timer);
    };
  }, [adopt]);

  return shown;
}
