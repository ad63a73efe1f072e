import { Hand, MessageSquare, Mic } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components/Tabs';
import { own } from '../../protocol/common.ts';
import type { LessonState } from '../../protocol/lesson.ts';
import { Contents } from './Contents.tsx';
import { type Chapter, handsOf, speakersOf } from './chapters.ts';
import { clockText } from './format.ts';
import { useShownTime } from './hooks.ts';
import type { Player } from './player.ts';
import styles from './SidePanel.module.css';
import { bringIntoView } from './scrolling.ts';
import { useWords } from './texts.ts';
import type { Timeline } from './timeline.ts';

interface SidePanelProps {
  readonly player: Player;
  readonly timeline: Timeline;
  readonly chapters: readonly Chapter[];
}

/** Who speaks, the contents and the chat, as of the moment shown. */
export function SidePanel({ player, timeline, chapters }: SidePanelProps) {
  const t = useShownTime(player, 1000);
  const state = timeline.at(t);
  const { say } = useWords();
  return (
    <>
      <Now state={state} />
      <Tabs className={styles.panels}>
        <TabList className={styles.tabs} aria-label={say('contents')}>
          <Tab id="contents" className={styles.tab}>
            {say('contents')}
          </Tab>
          <Tab id="chat" className={styles.tab}>
            {say('chat')}
            {state.chat.length > 0 && <span className={styles.count}>{state.chat.length}</span>}
          </Tab>
        </TabList>
        <TabPanel id="contents" className={styles.panel}>
          <Contents player={player} timeline={timeline} chapters={chapters} t={t} />
        </TabPanel>
        <TabPanel id="chat" className={styles.panel}>
          <Chat player={player} state={state} />
        </TabPanel>
      </Tabs>
    </>
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

function Chat({ player, state }: { player: Player; state: LessonState }) {
  const { say, name } = useWords();
  const list = useRef<HTMLUListElement>(null);
  const { from } = player.span();
  const last = state.chat.at(-1)?.seq;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the newest line is to be seen whenever there is one
  useEffect(() => bringIntoView(list.current?.lastElementChild), [last]);
  if (state.chat.length === 0) {
    return (
      <p className={styles.empty}>
        <MessageSquare aria-hidden size={24} />
        {say('chatEmpty')}
      </p>
    );
  }
  return (
    <ul ref={list} className={styles.list}>
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
