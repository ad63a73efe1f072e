import { ArrowLeft, EyeOff, Keyboard, Scissors } from 'lucide-react';
import { type ReactNode, useMemo, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import type { LogEntry } from '../../protocol/events.ts';
import type { Replay } from '../../protocol/replay.ts';
import { IconButton } from '../ui/IconButton.tsx';
import { Captions } from './Captions.tsx';
import { type Cue, type KeptTexts, useCaptions } from './captions.ts';
import { type Chapter, chaptersOf, named } from './chapters.ts';
import { DeleteReplay } from './DeleteReplay.tsx';
import { useFullscreen } from './fullscreen.ts';
import { Help } from './Help.tsx';
import { useInstead, useLateVoice, usePlayer, useTimeline } from './hooks.ts';
import { keptTexts, useHasPicture } from './kept/hooks.ts';
import { KeepButton } from './kept/KeepButton.tsx';
import type { Keeper } from './kept/keeper.ts';
import { LiveBar } from './LiveBar.tsx';
import { LookControls, useLookAround } from './LookAround.tsx';
import type { Loaded } from './loader.ts';
import { Look } from './look.ts';
import { Messages } from './Messages.tsx';
import { useMediaSession } from './media-session.ts';
import { placeIn } from './memory.ts';
import { OriginalNotice } from './Original.tsx';
import { useElsewhere, useGuestPlace, useOwnView, useReports } from './own/hooks.ts';
import type { Own, OwnView } from './own/own.ts';
import { Picture } from './Picture.tsx';
import { type PageWords, usePageWords } from './page-words.ts';
import { PartNames, spanOf, usePart } from './parts.tsx';
import { ReplayBoard } from './ReplayBoard.tsx';
import { type PanelTab, SidePanel } from './SidePanel.tsx';
import { Stage } from './Stage.tsx';
import { type Line, linesOf } from './search.ts';
import { useShortcuts } from './shortcuts.ts';
import { Transport } from './Transport.tsx';
import { useWords } from './texts.ts';
import styles from './Watch.module.css';

export interface WatchProps {
  readonly loaded: Loaded;
  /** What is still being made could not be asked for the last time. */
  readonly stale: boolean;
  /** Asks for it again; whoever has all there is has nobody to ask. */
  readonly again?: () => void;
  /** It is watched from this device, without a network. */
  readonly away: boolean;
  /** Null for whoever came by a shared link. */
  readonly own: Own | null;
  readonly keeper: Keeper | null;
  /** With what is hidden from others. */
  readonly isOriginal?: boolean;
  /** It is all there is: a folder on a stick, without the application around it. */
  readonly alone?: Alone;
}

export interface Alone {
  /** What lies beside the page; nobody else is asked. */
  readonly texts: KeptTexts;
  /** At the end of the head. */
  readonly corner: ReactNode;
}

/**
 * The lesson, played. The root says which instant is on the board, for whoever checks it against the log: `data-time`
 * (lesson time, milliseconds) and `data-digest` (of the board then; absent for moments while it plays), besides
 * `data-state` and `data-watching`.
 */
export function Watch(props: WatchProps) {
  const { loaded, stale, again = nothing, away, own, keeper, isOriginal = false, alone } = props;
  const { entries } = loaded;
  const part = usePart(loaded.replay);
  // What is watched has its own beginning and end; the clock that it is played by stays the lesson's.
  const replay = useMemo(() => ({ ...loaded.replay, ...(part && spanOf(part)) }), [loaded.replay, part]);
  const root = useRef<HTMLElement>(null);
  const stage = useRef<HTMLDivElement>(null);
  const media = useRef<HTMLVideoElement>(null);
  const timeline = useTimeline(entries);
  const mine = useOwnView(own);
  const isGuest = own === null && !isOriginal;
  const readKept = useReadKept(keeper, replay.lesson);
  const hasPicture = useHasPicture(keeper, replay.lesson);
  // What lies beside the page, as its captions do, costs nothing either.
  const isKept = alone !== undefined || hasPicture;
  const player = usePlayer(media, loaded, {
    part,
    resume: mine ? mine.position : isGuest ? placeIn(replay.lesson) : null,
    readKept,
    isKept,
  });
  const chapters = useChapters(replay, entries, mine);
  const texts = alone?.texts ?? keptTexts(keeper, replay.lesson);
  const captions = useCaptions(replay, texts, !alone);
  const words = usePageWords(replay.lesson, entries, {
    kept: async () => (await texts?.words()) ?? null,
    asks: !alone,
  });
  const lines = useLines(entries, words, captions.cues);
  const fullscreen = useFullscreen(root);
  const [begun, setBegun] = useState(false);
  const [tab, setTab] = useState<PanelTab>('contents');
  const [helps, setHelps] = useState(false);
  const [look] = useState(() => new Look());
  const navigate = useNavigate();
  const { t } = useTranslation();
  const { name, say } = useWords();
  useInstead(player, again);
  useLateVoice(player, replay, { begun, isKept });
  useReports(own, player, media);
  useGuestPlace(isGuest ? replay.lesson : null, player);
  useElsewhere(mine, player, begun);
  useLookAround(stage, look);
  const toggleFullscreen = fullscreen.toggle;
  const toggleCaptions = captions.toggle;
  const keys = useMemo(() => {
    const goTo = (next: PanelTab, selector: string) => () => {
      // Now, not a frame later: what is typed meanwhile would be taken for keys, and an n for a note.
      flushSync(() => setTab(next));
      root.current?.querySelector<HTMLElement>(selector)?.focus();
    };
    return {
      f: toggleFullscreen,
      c: toggleCaptions,
      '?': () => setHelps((on) => !on),
      '+': () => look.zoom(1.5),
      '=': () => look.zoom(1.5),
      '-': () => look.zoom(1 / 1.5),
      v: () => look.follow(),
      ...(own && { n: goTo('notes', '[data-note]') }),
      '/': goTo('contents', '[data-search]'),
    };
  }, [toggleFullscreen, toggleCaptions, look, own]);
  useShortcuts(player, chapters, keys);
  useMediaSession(player, name(replay.title), name(replay.teacher));

  return (
    <main ref={root} className={styles.watch} data-full={fullscreen.on} data-begun={begun}>
      <header className={styles.head}>
        {!alone && (
          <IconButton
            icon={ArrowLeft}
            label={say(isOriginal ? 'backToReplay' : 'back')}
            placement="right"
            onPress={() => void navigate(isOriginal ? `/watch/${replay.lesson}` : '/')}
          />
        )}
        <div className={styles.title}>
          <h1>{name(replay.title)}</h1>
          <p>{isOriginal ? say('originalTitle') : say('taughtBy', { name: name(replay.teacher) })}</p>
        </div>
        <IconButton
          className={styles.keys}
          icon={Keyboard}
          label={say('help')}
          shortcut="?"
          placement="left"
          onPress={() => setHelps(true)}
        />
        {/* All of it, whichever part is watched: it is kept under the lesson. */}
        {own && !away && !replay.live && <KeepButton {...{ keeper, entries }} replay={loaded.replay} />}
        {replay.editable && !away && (
          <IconButton
            icon={Scissors}
            label={t('after.open')}
            placement="left"
            onPress={() => void navigate(`/after/${replay.lesson}`)}
          />
        )}
        {replay.original && !isOriginal && (
          <IconButton
            icon={EyeOff}
            label={say('originalOpen')}
            placement="left"
            onPress={() => void navigate(`/original/${replay.lesson}`)}
          />
        )}
        {replay.deletable && !away && <DeleteReplay replay={replay} />}
        {replay.live && <LiveBar player={player} replay={replay} live={replay.live} />}
        {alone && <div className={styles.corner}>{alone.corner}</div>}
      </header>
      <div ref={stage} className={styles.stage}>
        {player && <ReplayBoard player={player} timeline={timeline} look={look} root={root} />}
        {player && <Stage {...{ player, replay, begun }} isAlone={alone !== undefined} onBegun={setBegun} />}
        {player && captions.shown && <Captions player={player} cues={captions.cues} />}
        {player && <LookControls look={look} />}
      </div>
      <Picture media={media} board={stage} />
      {player && (
        <>
          <div className={styles.controls}>
            <Transport
              {...{ player, replay, chapters, fullscreen, timeline, captions }}
              watched={mine?.watched ?? []}
              isKept={isKept}
              isCopy={away || alone !== undefined}
            />
            {isOriginal && <OriginalNotice replay={replay} />}
            <Messages {...{ player, replay, stale, away }} />
          </div>
          <aside className={styles.side}>
            <PartNames replay={loaded.replay} part={part} />
            <SidePanel
              {...{ player, replay, timeline, chapters, lines, tab }}
              own={own && mine && { own, view: mine }}
              onTab={setTab}
            />
          </aside>
        </>
      )}
      <Help isOpen={helps} hasNotes={own !== null} onClose={() => setHelps(false)} />
    </main>
  );
}

const nothing = () => {};

/** Pages and people of the lesson, and what was asked about it since. */
function useChapters(replay: Replay, entries: readonly LogEntry[], mine: OwnView | null): readonly Chapter[] {
  const { from, to } = replay;
  const { chapters: names } = replay;
  const taught = useMemo(
    () => named(chaptersOf(entries, from, to), names?.filter(({ t }) => t >= from && t < to) ?? []),
    [entries, from, to, names],
  );
  const questions = mine?.questions;
  return useMemo(() => {
    const asked = (questions ?? []).map(
      ({ id, t, name }): Chapter => ({ kind: 'ask', t: Math.min(Math.max(t, from), to), id, name }),
    );
    return [...taught, ...asked].sort((a, b) => a.t - b.t);
  }, [taught, questions, from, to]);
}

/** What can be found by its letters. */
function useLines(entries: readonly LogEntry[], words: PageWords, cues: readonly Cue[]): readonly Line[] {
  const logged = useMemo(() => linesOf(entries, words), [entries, words]);
  return useMemo(
    () => [...logged, ...cues.map(({ from, text }): Line => ({ kind: 'caption', t: from, text }))],
    [logged, cues],
  );
}

function useReadKept(keeper: Keeper | null, lesson: string) {
  return useMemo(() => {
    const isKept = keeper?.views().some(({ record }) => record.lesson === lesson);
    return keeper && isKept ? (path: string) => keeper.read(lesson, path) : null;
  }, [keeper, lesson]);
}
