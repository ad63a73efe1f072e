import { Hand, ListTree, type LucideIcon, MessageSquare, Mic, NotebookPen, Users } from 'lucide-react';
import { type ReactNode, useEffect, useMemo, useRef } from 'react';
import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components/Tabs';
import { own } from '../../protocol/common.ts';
import type { LessonState } from '../../protocol/lesson.ts';
import type { Replay } from '../../protocol/replay.ts';
import { Contents } from './Contents.tsx';
import { type Chapter, handsOf, speakersOf } from './chapters.ts';
import { clockText } from './format.ts';
import { useShownTime } from './hooks.ts';
import { ClassList } from './own/ClassList.tsx';
import { Notes } from './own/Notes.tsx';
import type { Own, OwnView } from './own/own.ts';
import type { Player } from './player.ts';
import styles from './SidePanel.module.css';
import { bringIntoView } from './scrolling.ts';
import type { Line } from './search.ts';
import { useWords } from './texts.ts';
import type { Timeline } from './timeline.ts';

export type PanelTab = 'contents' | 'notes' | 'chat' | 'class';

interface SidePanelProps {
  readonly player: Player;
  readonly replay: Replay;
  readonly timeline: Timeline;
  readonly chapters: readonly Chapter[];
  readonly lines: readonly Line[];
  readonly own: { readonly own: Own; readonly view: OwnView } | null;
  readonly tab: PanelTab;
  readonly onTab: (tab: PanelTab) => void;
}

/** Who speaks, the contents, one's own notes, and the chat as of the moment shown; for the teacher, the class. */
export function SidePanel(props: SidePanelProps) {
  const { player, replay, timeline, chapters, lines, own: mine, tab, onTab } = props;
  const t = useShownTime(player, 1000);
  const state = timeline.at(t);
  const { say } = useWords();
  const isLead = replay.part === 'lead';
  const all = useMemo(() => [...lines, ...ownLines(mine?.view)], [lines, mine?.view]);
  const open = mine?.view.questions.filter(({ answer }) => answer === null).length ?? 0;
  return (
    <>
      <Now state={state} />
      <Tabs
        className={styles.panels}
        selectedKey={tab}
        onSelectionChange={(key) => {
          const chosen = TABS.find((one) => one === key);
          if (chosen) onTab(chosen);
        }}
      >
        <TabList className={styles.tabs} aria-label={say('contents')}>
          <PanelTabButton id="contents" icon={ListTree} text={say('contents')} />
          {mine && (
            <PanelTabButton id="notes" icon={NotebookPen} text={say('notes')} count={isLead ? open : 0} />
          )}
          <PanelTabButton id="chat" icon={MessageSquare} text={say('chat')} count={state.chat.length} />
          {mine && isLead && <PanelTabButton id="class" icon={Users} text={say('class')} />}
        </TabList>
        <Panel id="contents" stays>
          <Contents {...{ player, timeline, chapters, t }} lines={all} />
        </Panel>
        {mine && (
          <Panel id="notes" stays>
            <Notes {...mine} player={player} replay={replay} />
          </Panel>
        )}
        <Panel id="chat">
          <Chat player={player} state={state} />
        </Panel>
        {mine && isLead && (
          <Panel id="class">
            <ClassList replay={replay} />
          </Panel>
        )}
      </Tabs>
    </>
  );
}

const TABS: readonly PanelTab[] = ['contents', 'notes', 'chat', 'class'];

interface PanelTabProps {
  readonly id: PanelTab;
  readonly icon: LucideIcon;
  readonly text: string;
  readonly count?: number;
}

function PanelTabButton({ id, icon: Icon, text, count = 0 }: PanelTabProps) {
  return (
    <Tab id={id} className={styles.tab}>
      <Icon aria-hidden size={18} />
      <span>{text}</span>
      {count > 0 && <span className={styles.count}>{count}</span>}
    </Tab>
  );
}

/** `stays`: what is half written or half read in it is not lost when another is looked at. */
function Panel({ id, stays, children }: { id: PanelTab; stays?: boolean; children: ReactNode }) {
  return (
    <TabPanel id={id} className={styles.panel} shouldForceMount={stays}>
      {children}
    </TabPanel>
  );
}

/** One's own words can be found like everybody's. */
function ownLines(view: OwnView | undefined): Line[] {
  if (!view) return [];
  return [
    ...view.notes.map(({ t, text }): Line => ({ kind: 'note', t, text })),
    ...view.questions.map(
      ({ t, text, name, answer }): Line => ({
        ...{ kind: 'question', t, by: name },
        text: answer ? `${text} ${answer.text}` : text,
      }),
    ),
  ];
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
