import { ArrowLeft, HardDrive, Play } from 'lucide-react';
import { useEffect } from 'react';
import { useNavigate } from 'react-router';
import { useAccount } from '../../router/account.tsx';
import { IconButton } from '../../ui/IconButton.tsx';
import { LinkButton } from '../../ui/LinkButton.tsx';
import { Message } from '../../ui/Message.tsx';
import { useDayNames } from '../../ui/time.ts';
import { sizeText } from '../format.ts';
import { serverSource } from '../source.ts';
import { useWords } from '../texts.ts';
import { useFreeSpace, useKeeper, useKept } from './hooks.ts';
import { keepingText } from './KeepChoice.tsx';
import styles from './Kept.module.css';
import { KeptProgress } from './KeptProgress.tsx';
import type { Keeper } from './keeper.ts';
import { KeptFirstSource } from './source.ts';

/** What this device keeps for whoever uses it: /kept. Opens without a network. */
export default function KeptFace() {
  const { person } = useAccount();
  const keeper = useKeeper(person?.id);
  const navigate = useNavigate();
  const { say } = useWords();
  return (
    <main className={styles.face}>
      <header className={styles.head}>
        <IconButton icon={ArrowLeft} label={say('back')} onPress={() => void navigate('/')} />
        <h1>{say('keptTitle')}</h1>
      </header>
      {keeper ? (
        <List keeper={keeper} />
      ) : (
        <Message icon={HardDrive} title={say('keptEmpty')} text={say('keepImpossible')} />
      )}
    </main>
  );
}

function List({ keeper }: { keeper: Keeper }) {
  const views = useKept(keeper);
  const { free, look } = useFreeSpace();
  const words = useWords();
  const { say, name } = words;
  const { full } = useDayNames();
  useEffect(() => void new KeptFirstSource(serverSource, keeper).tidy(), [keeper]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: room changes with what is kept
  useEffect(look, [look, views.length]);
  if (views.length === 0)
    return <Message icon={HardDrive} title={say('keptEmpty')} text={say('keptEmptyText')} />;
  const bytes = views.reduce((total, { done }) => total + done, 0);
  return (
    <>
      <p className={styles.quiet}>
        {say('keptTotal', { size: sizeText(bytes), free: free === null ? '—' : sizeText(free) })}
      </p>
      <ul className={styles.list}>
        {views.map((view) => (
          <li key={view.record.lesson} className={styles.item}>
            <div>
              <h2>{name(view.record.title)}</h2>
              <p className={styles.quiet}>
                {say('taughtBy', { name: name(view.record.teacher) })} · {full(view.record.startedAt)}
                {view.record.state !== 'changed' && ` · ${keepingText(view.record.keeping, words)}`}
              </p>
            </div>
            <LinkButton
              to={`/watch/${view.record.lesson}`}
              icon={Play}
              label={`${say('keptWatch')} ${name(view.record.title)}`}
            >
              {say('keptWatch')}
            </LinkButton>
            <KeptProgress keeper={keeper} view={view} />
          </li>
        ))}
      </ul>
    </>
  );
}
