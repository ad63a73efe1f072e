import { useEffect, useState } from 'react';
import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components/Tabs';
import { useTranslation } from 'react-i18next';
import { Chat } from '../live/Chat.tsx';
import type { Live } from '../live/Lesson.tsx';
import { handsUp, leadOf, onStage } from '../live/roster.ts';
import { Tile } from '../live/Tile.tsx';
import styles from './Panel.module.css';
import { People } from './People.tsx';

/** Who is there, who wants to speak, what is written; and the pictures of those who are on. */
export function Panel({ live }: { live: Live }) {
  const { t } = useTranslation();
  const { state } = live;
  const [tab, setTab] = useState<'people' | 'chat'>('people');
  const unread = useUnread(live, tab === 'chat');
  const hands = handsUp(state).length;
  const lead = leadOf(state);
  const called = onStage(state);
  return (
    <aside className={styles.panel} aria-label={t('teach.top.panel')}>
      <div className={styles.tiles} data-many={called.length > 0 || undefined}>
        {lead && <Tile live={live} person={lead} />}
        {called.map((person) => (
          <Tile key={person.id} live={live} person={person} />
        ))}
      </div>
      <Tabs
        selectedKey={tab}
        onSelectionChange={(key) => setTab(key === 'chat' ? 'chat' : 'people')}
        className={styles.tabs}
      >
        <TabList aria-label={t('teach.top.panel')} className={styles.list}>
          <Tab id="people" className={styles.tab}>
            {t('teach.people.title')}
            {hands > 0 && <span className={styles.hands}>{hands}</span>}
          </Tab>
          <Tab id="chat" className={styles.tab}>
            {t('teach.people.chat')}
            {unread > 0 && (
              <span className={styles.unread} role="img" aria-label={t('teach.people.unread', { n: unread })}>
                {unread}
              </span>
            )}
          </Tab>
        </TabList>
        <TabPanel id="people" className={styles.content}>
          <People live={live} />
        </TabPanel>
        <TabPanel id="chat" className={styles.content}>
          <Chat live={live} canSay />
        </TabPanel>
      </Tabs>
    </aside>
  );
}

/** Messages of others since the chat was last in sight. */
function useUnread({ state, you }: Live, inSight: boolean): number {
  const last = state.chat.at(-1)?.seq ?? 0;
  const [seen, setSeen] = useState(last);
  useEffect(() => {
    if (inSight) setSeen(last);
  }, [inSight, last]);
  if (inSight) return 0;
  return state.chat.filter(({ seq, by }) => seq > seen && by !== you.participant).length;
}
