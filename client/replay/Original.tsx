import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import type { Replay } from '../../protocol/replay.ts';
import { call } from '../api.ts';
import { Button } from '../ui/Button.tsx';
import { Confirm } from '../ui/Dialog.tsx';
import { Notice } from '../ui/Notice.tsx';
import { useTell } from '../ui/Toasts.tsx';
import { useDayNames } from '../ui/time.ts';
import { useWords } from './texts.ts';

/** Over the original, for the administrator: until when it is there, and erasing what is hidden before. */
export function OriginalNotice({ replay: { lesson, original } }: { replay: Replay }) {
  const { t } = useTranslation();
  const { say } = useWords();
  const { full } = useDayNames();
  const tell = useTell();
  const navigate = useNavigate();
  const [asks, setAsks] = useState(false);
  if (!original) return null;
  const erase = async () => {
    try {
      await call('replay.erase', { params: { lesson } });
      tell.info(say('originalErased'));
      await navigate(`/watch/${lesson}`);
    } catch (error) {
      tell.error(error);
    }
  };
  return (
    <Notice tone="warning" action={<Button onPress={() => setAsks(true)}>{say('originalErase')}</Button>}>
      {say('originalText', { day: full(original.eraseAt) })}
      <Confirm
        isOpen={asks}
        onClose={() => setAsks(false)}
        title={say('originalSure')}
        confirm={t('storage.forGood')}
        cancel={t('storage.keep')}
        onConfirm={() => void erase()}
      >
        <p>{say('originalSureText')}</p>
      </Confirm>
    </Notice>
  );
}
