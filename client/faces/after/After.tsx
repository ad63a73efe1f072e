import { ArrowLeft, CloudOff } from 'lucide-react';
import { useEffect, useState } from 'react';
import { type Key, Tab, TabList, TabPanel, Tabs } from 'react-aria-components/Tabs';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import type { LogEntry } from '../../../protocol/events.ts';
import type { Replay } from '../../../protocol/replay.ts';
import { useQuery } from '../../api.ts';
import { serverSource } from '../../replay/source.ts';
import { Button } from '../../ui/Button.tsx';
import { Message, Opening } from '../../ui/Message.tsx';
import { Name } from '../../ui/Name.tsx';
import { useErrorText } from '../../ui/useErrorText.ts';
import { Header } from '../shell/Header.tsx';
import styles from './After.module.css';
import { Captions } from './Captions.tsx';
import { EditPanel } from './EditPanel.tsx';
import { Merge } from './Merge.tsx';
import { Publish } from './Publish.tsx';
import { TakeAway } from './TakeAway.tsx';

/** What is being made anew is looked at this often, milliseconds. */
const REFRESH = 3000;

/** /after/:lesson: what its teacher makes of a lesson when it is over. */
export default function After() {
  const { t } = useTranslation();
  const { lesson = '' } = useParams();
  const errorText = useErrorText();
  const replay = useQuery('replay.show', { params: { lesson }, every: REFRESH });
  const edited = useQuery('edit.show', { params: { lesson } });
  const log = useLog(replay.data, edited.data?.revision);
  const { entries } = log;
  const [tab, setTab] = useState<Key>('edit');
  const error = edited.error ?? (replay.data ? log.error : replay.error);
  const again = () => {
    replay.again();
    edited.again();
  };
  const retry = () => {
    again();
    log.again();
  };
  const isOpen = replay.data && edited.data && entries;
  return (
    <>
      <Header />
      <main className={styles.main}>
        <Link to={`/watch/${lesson}`} className={styles.back}>
          <ArrowLeft aria-hidden size={20} /> {t('after.back')}
        </Link>
        {replay.data && (
          <h1>
            <small>{t('after.title')}</small> <Name of={replay.data.title} />
          </h1>
        )}
        {!isOpen && error !== null && (
          <Message icon={CloudOff} title={t('after.failed')} text={errorText(error)}>
            <Button onPress={retry}>{t('action.retry')}</Button>
          </Message>
        )}
        {!isOpen && error === null && <Opening text={t('state.loading')} />}
        {replay.data && edited.data && entries && (
          <Tabs className={styles.tabs} selectedKey={tab} onSelectionChange={setTab}>
            <TabList className={styles.tabList} aria-label={t('after.title')}>
              <Tab id="edit">{t('after.tab.edit')}</Tab>
              <Tab id="publish">{t('after.tab.publish')}</Tab>
              <Tab id="captions">{t('after.tab.captions')}</Tab>
              <Tab id="merge">{t('after.tab.merge')}</Tab>
              <Tab id="take">{t('after.tab.take')}</Tab>
            </TabList>
            {/* What is being prepared in it is not lost when another is looked at. */}
            <TabPanel id="edit" className={styles.panel} shouldForceMount>
              <EditPanel
                {...{ replay: replay.data, entries, edited: edited.data, onSaved: again }}
                isShown={tab === 'edit'}
              />
            </TabPanel>
            <TabPanel id="publish">
              <Publish lesson={lesson} edited={edited.data} again={again} />
            </TabPanel>
            <TabPanel id="captions">
              <Captions replay={replay.data} again={again} />
            </TabPanel>
            <TabPanel id="merge">
              <Merge lesson={lesson} />
            </TabPanel>
            <TabPanel id="take">
              <TakeAway lesson={lesson} />
            </TabPanel>
          </Tabs>
        )}
      </main>
    </>
  );
}

/** The log as it is served, again after each save, and until it comes through. `entries` is null until it is here. */
function useLog(replay: Replay | null, revision: number | undefined) {
  const [entries, setEntries] = useState<readonly LogEntry[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [tries, setTries] = useState(0);
  const again = () => setTries((n) => n + 1);
  const isKnown = replay !== null && revision !== undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the manifest comes every few seconds, the log is the same
  useEffect(() => {
    if (!replay || revision === undefined) return;
    let isOld = false;
    let timer: number | undefined;
    serverSource.log(replay, 0).then(
      (log) => {
        if (isOld) return;
        setEntries(log.entries);
        setError(null);
      },
      (failure: unknown) => {
        if (isOld) return;
        setError(failure);
        timer = window.setTimeout(again, REFRESH);
      },
    );
    return () => {
      isOld = true;
      window.clearTimeout(timer);
    };
  }, [isKnown, revision, tries]);
  return { entries, error, again };
}
