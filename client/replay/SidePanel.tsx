import { Hand, MessageSquare, Mic, StickyNote } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { own } from '../../protocol/common.ts';
import type { LessonState } from '../../protocol/lesson.ts';
import { type Chapter, handsOf, pageAt, speakersOf } from './chapters.ts';
import { clockText } from './format.ts';
import { useShownTime } from './hooks.ts';
import type { Player } from './player.ts';
import { useWords } from './texts.ts';
import type { Timeline } from './timeline.ts';
import styles from './Watch.module.css';

interface SidePanelProps {
  readonly player: Player;
  readonly timeline: Timeline;
  readonly chapters: readonly Chapter[];
}

/** Who speaks, the contents and the chat, as of the moment shown. */
export function SidePanel({ player, timeline, chapters }: SidePanelProps) {
  const [tab, setTab] = useState<'contents' | 'chat'>('contents');
  const t = useShownTime(player, 1000);
  const state = timeline.at(t);
  const { say } = useWords();
  return (
    <aside className={styles.side}>
      <Now state={state} />
      <div className={styles.tabs} role="tablist">
        <Tab on={tab === 'contents'} panel="contents" onChoose={() => setTab('contents')}>
          {say('contents')}
        </Tab>
        <Tab on={tab === 'chat'} panel="chat" onChoose={() => setTab('chat')}>
          {say('chat')}
          {state.chat.length > 0 && <span className={styles.count}>{state.chat.length}</span>}
        </Tab>
      </div>
      {tab === 'contents' ? (
        <Contents player={player} chapters={chapters} t={t} />
      ) : (
        <Chat player={player} state={state} />
      )}
    </aside>
  );
}

interface TabProps {
  readonly on: boolean;
  readonly panel: string;
  readonly onChoose: () => void;
  readonly children: ReactNode;
}

function Tab({ on, panel, onChoose, children }: TabProps) {
  return (
    <button
      type="button"
      role="tab"
      id={`watch-tab-${panel}`}
      aria-selected={on}
      aria-controls={`watch-${panel}`}
      className={styles.tab}
      onClick={onChoose}
    >
      {children}
    </button>
  );
}

function Now({ state }: { state: LessonState }) {
  const { say, name } = useWords();
  const speakers = speakersOf(state);
  const hands = handsOf(state);
  return (
    <div className={styles.now}>
      {speakers.length > 0 && (
        <p>
          <Mic aria-label={say('speaking')} size={18} />
          {speakers.map((person) => name(person.name)).join(' · ')}
        </p>
      )}
      {hands.length > 0 && (
        <p>
          <Hand aria-hidden size={18} />
          {say('hands', { names: hands.map((person) => name(person.name)).join(' · ') })}
        </p>
      )}
    </div>
  );
}

const ICONS = { page: StickyNote, call: Mic, hand: Hand };

function Contents({ player, chapters, t }: { player: Player; chapters: readonly Chapter[]; t: number }) {
  const { say, name } = useWords();
  const { from } = player.span();
  const current = pageAt(chapters, t);
  return (
    <ol className={styles.list} id="watch-contents" role="tabpanel" aria-labelledby="watch-tab-contents">
      {chapters.map((chapter, i) => {
        const Icon = ICONS[chapter.kind];
        const label = {
          page: () => say('chapterPage', { number: chapter.kind === 'page' ? chapter.number : 0 }),
          call: () => say('chapterCall', { name: chapter.kind === 'page' ? '' : name(chapter.name) }),
          hand: () => say('chapterHand', { name: chapter.kind === 'page' ? '' : name(chapter.name) }),
        }[chapter.kind]();
        return (
          <li key={`${chapter.kind}${chapter.t}`}>
            <button
              type="button"
              className={styles.chapter}
              data-kind={chapter.kind}
              aria-current={i === current ? 'true' : undefined}
              onClick={() => player.seek(chapter.t)}
            >
              <Icon aria-hidden size={20} />
              <span>{label}</span>
              <time>{clockText(chapter.t - from)}</time>
            </button>
          </li>
        );
      })}
    </ol>
  );
}

function Chat({ player, state }: { player: Player; state: LessonState }) {
  const { say, name } = useWords();
  const list = useRef<HTMLUListElement>(null);
  const { from } = player.span();
  const last = state.chat.at(-1)?.seq;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the newest line is to be seen whenever there is one
  useEffect(() => {
    list.current?.lastElementChild?.scrollIntoView({ block: 'nearest' });
  }, [last]);
  if (state.chat.length === 0) {
    return (
      <p className={styles.empty} id="watch-chat" role="tabpanel" aria-labelledby="watch-tab-chat">
        <MessageSquare aria-hidden size={24} />
        {say('chatEmpty')}
      </p>
    );
  }
  return (
    <ul ref={list} className={styles.list} id="watch-chat" role="tabpanel" aria-labelledby="watch-tab-chat">
      {state.chat.map((line) => {
        const person = own(state.people, line.by);
        return (
          <li key={line.seq}>
            <button type="button" className={styles.line} onClick={() => player.seek(line.t)}>
              <span className={styles.by}>{person ? name(person.name) : ''}</span>
              <time>{clockText(line.t - from)}</time>
              <span className={styles.said}>{line.text}</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
