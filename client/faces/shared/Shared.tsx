import { Unlink } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { call } from '../../api.ts';
import { Message, Opening } from '../../ui/Message.tsx';
import { useErrorText } from '../../ui/useErrorText.ts';

/** /shared#TOKEN: exchanges the link for the right to watch, in this browser, and takes it out of the address. */
export default function Shared() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const errorText = useErrorText();
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    const token = location.hash.slice(1);
    call('share.open', { input: { token } }).then(
      ({ lesson }) => navigate(`/shared/${lesson}`, { replace: true }),
      (reason: unknown) => setError(isMalformed(reason) ? { code: 'share_ended' } : reason),
    );
  }, [navigate]);
  if (error === null) return <Opening text={t('after.shareOpening')} />;
  return (
    <main>
      <Message icon={Unlink} title={t('after.shareRefused')} text={errorText(error)} />
    </main>
  );
}

/** A link that was copied in half. */
function isMalformed(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'bad_request';
}
