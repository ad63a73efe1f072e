import { FileUp, RotateCcw } from 'lucide-react';
import { type ChangeEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Upload } from 'tus-js-client';
import { call } from '../../api.ts';
import { Button } from '../../ui/Button.tsx';
import { LinkButton } from '../../ui/LinkButton.tsx';
import { useName } from '../../ui/Name.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { useErrorText } from '../../ui/useErrorText.ts';
import styles from '../after/After.module.css';

/** One piece of an upload, bytes: what a broken link costs at most. */
const PIECE = 4_000_000;
/** Between tries by itself, milliseconds; then the person is asked. */
const RETRIES = [1000, 3000, 10_000, 30_000];

type Stage =
  | { readonly kind: 'idle' }
  | { readonly kind: 'sending'; readonly share: number }
  | { readonly kind: 'checking' }
  | { readonly kind: 'done'; readonly lesson: string; readonly text: string }
  | { readonly kind: 'broken'; readonly upload: Upload }
  | { readonly kind: 'refused'; readonly reason: string };

/** Chooses a package, sends it in pieces, and has it taken in. */
export function TakeIn() {
  const { t } = useTranslation();
  const name = useName();
  const errorText = useErrorText();
  const file = useRef<HTMLInputElement>(null);
  const [stage, setStage] = useState<Stage>({ kind: 'idle' });

  const take = async (url: string) => {
    setStage({ kind: 'checking' });
    try {
      const upload = url.split('/').at(-1) ?? '';
      const { lesson, title, known } = await call('courier.import', { input: { upload } });
      const text = t(known ? 'after.courier.known' : 'after.courier.done', { title: name(title) });
      setStage({ kind: 'done', lesson, text });
    } catch (error) {
      setStage({ kind: 'refused', reason: errorText(error) });
    }
  };
  const send = async (chosen: File) => {
    const upload = new Upload(chosen, {
      endpoint: '/courier/uploads',
      chunkSize: PIECE,
      retryDelays: RETRIES,
      removeFingerprintOnSuccess: true,
      onProgress: (sent, total) => setStage({ kind: 'sending', share: sent / Math.max(1, total) }),
      onError: () => setStage({ kind: 'broken', upload }),
      onSuccess: () => void take(upload.url ?? ''),
    });
    setStage({ kind: 'sending', share: 0 });
    // The same package after a reload goes on where it was.
    const [before] = await upload.findPreviousUploads();
    if (before) upload.resumeFromPreviousUpload(before);
    upload.start();
  };
  const onChosen = (event: ChangeEvent<HTMLInputElement>) => {
    const [chosen] = event.target.files ?? [];
    event.target.value = '';
    if (chosen) void send(chosen);
  };
  const isBusy = stage.kind === 'sending' || stage.kind === 'checking';
  return (
    <section className={styles.card}>
      <h2>{t('after.courier.import')}</h2>
      <p className={styles.soft}>{t('after.courier.importText')}</p>
      <input ref={file} type="file" accept=".tongke" hidden onChange={onChosen} />
      <Button look="primary" icon={FileUp} isDisabled={isBusy} onPress={() => file.current?.click()}>
        {t('after.courier.choose')}
      </Button>
      {stage.kind === 'sending' && (
        <Notice>{t('after.courier.sending', { percent: Math.floor(stage.share * 100) })}</Notice>
      )}
      {stage.kind === 'checking' && <Notice>{t('after.courier.checking')}</Notice>}
      {stage.kind === 'refused' && <Notice tone="error">{stage.reason}</Notice>}
      {stage.kind === 'broken' && (
        <Notice
          tone="error"
          action={
            <Button icon={RotateCcw} onPress={() => stage.upload.start()}>
              {t('after.courier.resume')}
            </Button>
          }
        >
          {t('error.network')}
        </Notice>
      )}
      {stage.kind === 'done' && (
        <Notice
          tone="good"
          action={<LinkButton to={`/watch/${stage.lesson}`}>{t('after.library.watch')}</LinkButton>}
        >
          {stage.text}
        </Notice>
      )}
    </section>
  );
}
