import { CircleCheck, FileUp, LoaderCircle, RotateCcw, TriangleAlert, X } from 'lucide-react';
import { DropZone } from 'react-aria-components/DropZone';
import { FileTrigger } from 'react-aria-components/FileTrigger';
import { useTranslation } from 'react-i18next';
import { Button } from '../../ui/Button.tsx';
import { IconButton } from '../../ui/IconButton.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { errorKey, useErrorText } from '../../ui/useErrorText.ts';
import styles from './Prepare.module.css';
import { type ShownItem, useCourseware } from './useCourseware.ts';

/** What a chooser of files offers; the server looks at what is in them. */
const TYPES = ['.pdf', '.pptx', '.png', '.jpg', '.jpeg', '.webp', '.gif', '.svg'];

interface CoursewarePanelProps {
  readonly lesson: string;
  /** The page behind which pages come; at the end without. */
  readonly after?: string;
}

/** Bringing files, and what becomes of them. */
export function CoursewarePanel({ lesson, after }: CoursewarePanelProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const { items, known, error, slides, add, remove, retry } = useCourseware(lesson);
  return (
    <section className={styles.section} aria-labelledby="courseware">
      <h2 id="courseware">{t('prepare.files')}</h2>
      <DropZone
        className={styles.drop}
        onDrop={async ({ items: dropped }) => {
          const files = dropped.filter((item) => item.kind === 'file');
          void add(await Promise.all(files.map((item) => item.getFile())), after);
        }}
      >
        <FileUp aria-hidden size={32} strokeWidth={1.5} />
        <p>{t('prepare.drop')}</p>
        <FileTrigger
          allowsMultiple
          acceptedFileTypes={TYPES}
          onSelect={(files) => files && void add([...files], after)}
        >
          <Button look="plain">{t('prepare.add')}</Button>
        </FileTrigger>
        <p className={styles.hint}>{t('prepare.takes')}</p>
        {!slides && <p className={styles.hint}>{t('prepare.noSlides')}</p>}
      </DropZone>
      {error !== null && !known && <Notice tone="error">{errorText(error)}</Notice>}
      {known && items.length === 0 && <p className={styles.hint}>{t('prepare.noFiles')}</p>}
      <ul className={styles.files}>
        {items.map((item) => (
          <FileRow key={item.id} item={item} onRemove={remove} onRetry={retry} />
        ))}
      </ul>
    </section>
  );
}

interface FileRowProps {
  readonly item: ShownItem;
  readonly onRemove: (id: string) => Promise<void>;
  readonly onRetry: (id: string) => Promise<void>;
}

function FileRow({ item, onRemove, onRetry }: FileRowProps) {
  const { t } = useTranslation();
  const { id, name, state, problem } = item;
  const isBad = state === 'refused' || state === 'failed';
  const Icon = state === 'ready' ? CircleCheck : isBad ? TriangleAlert : LoaderCircle;
  const share = shareOf(item);
  return (
    <li className={styles.file} data-state={state}>
      <Icon aria-hidden size={22} className={styles.mark} />
      <div className={styles.about}>
        <p className={styles.name}>{name}</p>
        <p className={styles.state} role={isBad ? 'alert' : undefined}>
          {isBad ? t(errorKey({ code: problem })) : <Stage item={item} />}
        </p>
        {share !== null && <progress className={styles.progress} max={1} value={share} aria-label={name} />}
        {state === 'failed' && (
          <Button look="quiet" icon={RotateCcw} onPress={() => void onRetry(id)}>
            {t('prepare.retry')}
          </Button>
        )}
      </div>
      <IconButton
        icon={X}
        label={t(state === 'ready' || isBad ? 'prepare.dismiss' : 'prepare.giveUp', { name })}
        placement="left"
        onPress={() => void onRemove(id)}
      />
    </li>
  );
}

function Stage({ item }: { item: ShownItem }) {
  const { t } = useTranslation();
  const { state, received, bytes, sending, pages, of } = item;
  const percent = Math.floor((received / bytes) * 100);
  switch (state) {
    case 'arriving':
      return t(sending ? 'prepare.arriving' : 'prepare.interrupted', { percent });
    case 'waiting':
      return t('prepare.waiting');
    case 'working':
      return of === null
        ? t('prepare.opening')
        : t('prepare.working', { n: Math.min(pages + 1, of), all: of });
    default:
      return t('prepare.ready', { n: pages });
  }
}

/** 0..1; null where nothing moves. */
function shareOf({ state, received, bytes, pages, of }: ShownItem): number | null {
  if (state === 'arriving') return received / bytes;
  if (state === 'waiting') return 0;
  if (state === 'working') return of === null ? 0 : pages / of;
  return null;
}
