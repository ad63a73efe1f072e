import { ArrowLeft, CloudOff, Hourglass, Lock, type LucideIcon, RotateCcw } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useNavigate, useParams } from 'react-router';
import { LessonFiles } from '../board/lesson-files.ts';
import { useAccount } from '../router/account.tsx';
import { Button } from '../ui/Button.tsx';
import { useLoader } from './hooks.ts';
import { useKeeper, useSource } from './kept/hooks.ts';
import { useOwn } from './own/hooks.ts';
import { Spinner } from './Spinner.tsx';
import { originalSource } from './source.ts';
import { useWords } from './texts.ts';
import { Watch, type WatchProps } from './Watch.tsx';
import styles from './WatchFace.module.css';

/** A lesson to watch again: /watch/:lesson. */
export default function WatchFace() {
  const { lesson = '' } = useParams();
  const { person } = useAccount();
  const keeper = useKeeper(person?.id);
  const source = useSource(keeper);
  return <Face {...{ source, keeper }} own={useOwn(lesson)} />;
}

/** All of it, with what its teacher has hidden: /original/:lesson. Nothing of it is kept, and nothing noted. */
export function OriginalFace() {
  return <Face source={originalSource} own={null} keeper={null} isOriginal />;
}

interface FaceProps extends Pick<WatchProps, 'own' | 'keeper' | 'isOriginal'> {
  readonly source: ReturnType<typeof useSource>;
}

function Face({ source, own, keeper, isOriginal }: FaceProps) {
  const { lesson = '' } = useParams();
  const { view, retry } = useLoader(lesson, source);
  const { say } = useWords();
  const { t } = useTranslation();

  if (view.loaded) {
    const { away = false } = source;
    const stale = view.unreachable;
    return (
      <LessonFiles value={lesson}>
        <Watch
          key={lesson}
          loaded={view.loaded}
          again={retry}
          {...{ stale, away, own, keeper, isOriginal }}
        />
      </LessonFiles>
    );
  }
  if (view.status === 'refused') {
    // Whoever came by a link was never signed in: what ended is the link.
    const isGuest = own === null && !isOriginal;
    const code = isGuest && view.code === 'not_signed_in' ? 'share_ended' : view.code;
    const reason = t(`error.${code ?? 'internal'}`);
    return <Instead icon={Lock} title={say('refusedTitle')} text={reason} retry={retry} />;
  }
  if (view.unreachable) {
    return <Instead icon={CloudOff} title={say('offlineTitle')} text={say('offlineText')} retry={retry} />;
  }
  if (view.status === 'pending') {
    return <Instead icon={Hourglass} title={say('pendingTitle')} text={say('pendingText')} />;
  }
  return (
    <main className={styles.instead} aria-busy="true">
      <Spinner />
      <p role="status">{say('loading')}</p>
    </main>
  );
}

interface InsteadProps {
  readonly icon: LucideIcon;
  readonly title: string;
  readonly text: string;
  readonly retry?: () => void;
}

/** Instead of a lesson: why there is none, and what to do. */
function Instead({ icon: Icon, title, text, retry }: InsteadProps) {
  const { say } = useWords();
  const navigate = useNavigate();
  return (
    <main className={styles.instead}>
      <Icon aria-hidden size={48} strokeWidth={1.5} />
      <h1>{title}</h1>
      <p role="status">{text}</p>
      <div className={styles.actions}>
        {retry && (
          <Button look="primary" icon={RotateCcw} onPress={retry}>
            {say('retry')}
          </Button>
        )}
        <Button icon={ArrowLeft} onPress={() => void navigate('/')}>
          {say('back')}
        </Button>
      </div>
    </main>
  );
}
