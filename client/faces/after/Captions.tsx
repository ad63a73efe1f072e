import { FileUp, Trash2 } from 'lucide-react';
import { type ChangeEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Replay } from '../../../protocol/replay.ts';
import type { CaptionTrack } from '../../../protocol/replay-edit.ts';
import { call } from '../../api.ts';
import { isLanguage, LANGUAGES } from '../../i18n/index.ts';
import { sizeText } from '../../replay/format.ts';
import { Button } from '../../ui/Button.tsx';
import { Choice } from '../../ui/Choice.tsx';
import { IconButton } from '../../ui/IconButton.tsx';
import { useLanguage } from '../../ui/Name.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { useTell } from '../../ui/Toasts.tsx';
import { useErrorText } from '../../ui/useErrorText.ts';
import styles from './After.module.css';

/** As the protocol has it (`CAPTION_BYTES`), without its schemas. */
const MOST_BYTES = 1_000_000;

/** Captions of a replay: sent as WebVTT, listed, taken away. */
export function Captions({ replay, again }: { replay: Replay; again: () => void }) {
  const { t } = useTranslation();
  const tell = useTell();
  const errorText = useErrorText();
  const file = useRef<HTMLInputElement>(null);
  const [language, setLanguage] = useState(useLanguage());
  const [problem, setProblem] = useState<string | null>(null);
  const { lesson, captions = [] } = replay;

  const send = async (chosen: File) => {
    if (chosen.size > MOST_BYTES) {
      setProblem(t('after.captionsLarge', { size: sizeText(MOST_BYTES) }));
      return;
    }
    const vtt = await textOf(chosen);
    if (vtt === null) {
      setProblem(t('after.captionsEncoding', { encoding: 'UTF-8' }));
      return;
    }
    const label = chosen.name.replace(/\.vtt$/i, '').slice(0, 60) || t(`language.${language}`);
    try {
      await call('captions.add', {
        params: { lesson },
        input: { language, label, vtt },
      });
      setProblem(null);
      tell.info(t('after.captionsAdded'));
      again();
    } catch (error) {
      const isRefused = error instanceof Error && 'code' in error && error.code === 'captions_unreadable';
      setProblem(isRefused ? t('after.captionsRefused', { line: lineIn(error) }) : errorText(error));
    }
  };
  const onChosen = (event: ChangeEvent<HTMLInputElement>) => {
    const [chosen] = event.target.files ?? [];
    event.target.value = ''; // the same file again, mended, is another one
    if (chosen) void send(chosen);
  };
  return (
    <section className={styles.card}>
      <p className={styles.soft}>{t('after.captionsText')}</p>
      {problem !== null && <Notice tone="error">{problem}</Notice>}
      <div className={styles.row}>
        <Choice
          label={t('after.captionsLanguage')}
          value={language}
          options={LANGUAGES.map((id) => ({ id, text: t(`language.${id}`) }))}
          onChange={(id) => isLanguage(id) && setLanguage(id)}
        />
        <input ref={file} type="file" accept=".vtt,text/vtt" hidden onChange={onChosen} />
        <Button look="primary" icon={FileUp} onPress={() => file.current?.click()}>
          {t('after.captionsFile')}
        </Button>
      </div>
      {captions.length === 0 && <p className={styles.soft}>{t('after.captionsNone')}</p>}
      <ul className={styles.list}>
        {captions.map((track) => (
          <Track key={track.id} lesson={lesson} track={track} again={again} />
        ))}
      </ul>
    </section>
  );
}

/** Null where it is not UTF-8, as WebVTT is: in another encoding its letters would be rubbish. */
async function textOf(file: File): Promise<string | null> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer());
  } catch {
    return null;
  }
}

/** The server's message names the line. */
function lineIn({ message }: Error): string {
  return /^Line (\d+)/.exec(message)?.[1] ?? '1';
}

function Track({ lesson, track, again }: { lesson: string; track: CaptionTrack; again: () => void }) {
  const { t } = useTranslation();
  const tell = useTell();
  const remove = () => {
    call('captions.remove', { params: { lesson, track: track.id } }).then(again, tell.error);
  };
  return (
    <li>
      <span>
        <strong>{track.label}</strong>
        <small>
          {t(`language.${track.language}`)} · {t('after.captionsCount', { count: track.count })}
        </small>
      </span>
      <IconButton
        icon={Trash2}
        label={t('after.remove', { what: track.label })}
        placement="left"
        onPress={remove}
      />
    </li>
  );
}
