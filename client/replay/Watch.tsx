import { ArrowLeft, Scissors } from 'lucide-react';
import { useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { IconButton } from '../ui/IconButton.tsx';
import { chaptersOf } from './chapters.ts';
import { useFullscreen } from './fullscreen.ts';
import { useLateVoice, usePlayer, useTimeline } from './hooks.ts';
import type { Loaded } from './loader.ts';
import { Messages } from './Messages.tsx';
import { useMediaSession } from './media-session.ts';
import { Picture } from './Picture.tsx';
import { ReplayBoard } from './ReplayBoard.tsx';
import { SidePanel } from './SidePanel.tsx';
import { Stage } from './Stage.tsx';
import { useShortcuts } from './shortcuts.ts';
import { Transport } from './Transport.tsx';
import { useWords } from './texts.ts';
import styles from './Watch.module.css';

interface WatchProps {
  readonly loaded: Loaded;
  /** What is still being made could not be asked for the last time. */
  readonly stale: boolean;
}

/**
 * The lesson, played. The root says which instant is on the board, for whoever checks it against the log: `data-time`
 * (lesson time, milliseconds) and `data-digest` (of the board then; absent for moments while it plays), besides
 * `data-state` and `data-watching`.
 */
export function Watch({ loaded, stale }: WatchProps) {
  const { replay, entries } = loaded;
  const root = useRef<HTMLElement>(null);
  const stage = useRef<HTMLDivElement>(null);
  const media = useRef<HTMLVideoElement>(null);
  const timeline = useTimeline(entries);
  const player = usePlayer(media, loaded);
  const chapters = useMemo(
    () => chaptersOf(entries, replay.from, replay.to),
    [entries, replay.from, replay.to],
  );
  const fullscreen = useFullscreen(root);
  const [begun, setBegun] = useState(false);
  const navigate = useNavigate();
  const { t } = useTranslation();
  const { name, say } = useWords();
  useLateVoice(player, replay, begun);
  useShortcuts(player, chapters, fullscreen.toggle);
  useMediaSession(player, name(replay.title), name(replay.teacher));

  return (
    <main ref={root} className={styles.watch} data-full={fullscreen.on}>
      <header className={styles.head}>
        <IconButton icon={ArrowLeft} label={say('back')} onPress={() => void navigate('/')} />
        <div className={styles.title}>
          <h1>{name(replay.title)}</h1>
          <p>{say('taughtBy', { name: name(replay.teacher) })}</p>
        </div>
        {replay.editable && (
          <IconButton
            icon={Scissors}
            label={t('after.open')}
            placement="left"
            onPress={() => void navigate(`/after/${replay.lesson}`)}
          />
        )}
      </header>
      <div ref={stage} className={styles.stage}>
        {player && <ReplayBoard player={player} timeline={timeline} root={root} />}
        {player && <Stage player={player} replay={replay} begun={begun} onBegun={setBegun} />}
      </div>
      <Picture media={media} board={stage} />
      {player && (
        <>
          <div className={styles.controls}>
            <Transport player={player} replay={replay} chapters={chapters} fullscreen={fullscreen} />
            <Messages player={player} replay={replay} stale={stale} />
          </div>
          <aside className={styles.side}>
            <SidePanel player={player} timeline={timeline} chapters={chapters} />
          </aside>
        </>
      )}
    </main>
  );
}
