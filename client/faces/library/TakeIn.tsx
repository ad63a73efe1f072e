import { FileUp, RotateCcw } from 'lucide-react';
import { type ChangeEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call, NetworkError } from '../../api.ts';
import { Button } from '../../ui/Button.tsx';
import { LinkButton } from '../../ui/LinkButton.tsx';
import { useName } from '../../ui/Name.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { useErrorText } from '../../ui/useErrorText.ts';
import styles from '../after/After.module.css';
import { packageId } from './package-id.ts';
import { sendPackage } from './send-package.ts';

type Stage =
  | { readonly kind: 'idle' }
  | { readonly kind: 'sending'; readonly share: number }
  | { readonly kind: 'checking' }
  | { readonly kind: 'done'; readonly lesson: string; readonly text: string }
  | { readonly kind: 'broken'; readonly file: File }
  | { readonly kind: 'refused'; readonly reason: string };

/** Chooses a package, sends it in pieces, and has it taken in. */
export function TakeIn() {
  const { t } = useTranslation();
  const name = useName();
  const errorText = useErrorText();
  const file = useRef<HTMLInputElement>(null);
  const [stage, setStage] = useState<Stage>({ kind: 'idle' });

  const send = async (chosen: File) => {
    setStage({ kind: 'sending', share: 0 });
    try {
      const id = await packageId(chosen);
      const here = id && (await call('courier.known', { query: { package: id } })).known;
      if (here) {
        const text = t('after.courier.known', { title: name(here.title) });
        setStage({ kind: 'done', lesson: here.lesson, text });
        return;
      }
      const upload = await sendPackage(chosen, (share) => setStage({ kind: 'sending', share }));
      setStage({ kind: 'checking' });
      const { lesson, title, known } = await call('courier.import', { input: { upload } });
      const text = t(known ? 'after.courier.known' : 'after.courier.done', { title: name(title) });
      setStage({ kind: 'done', lesson, text });
    } catch (error) {
      const isLine = error instanceof NetworkError;
      setStage(isLine ? { kind: 'broken', file: chosen } : { kind: 'refused', reason: errorText(error) });
    }
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
            <Button icon={RotateCcw} onPress={() => void send(stage.file)}>
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
