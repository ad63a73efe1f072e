import {
  AudioLines,
  type LucideIcon,
  Maximize,
  Minimize,
  Pause,
  PenLine,
  Play,
  RotateCcw,
  RotateCw,
  Video,
} from 'lucide-react';
import { useState } from 'react';
import { Button as AriaButton } from 'react-aria-components/Button';
import { useTranslation } from 'react-i18next';
import type { Replay } from '../../protocol/replay.ts';
import type { Stretch } from '../../protocol/watching.ts';
import { useMeterParts } from '../data-use/hooks.ts';
import { isAsked } from '../data-use/metering.ts';
import { Button } from '../ui/Button.tsx';
import { Confirm } from '../ui/Dialog.tsx';
import { IconButton } from '../ui/IconButton.tsx';
import { Menu, type MenuPart } from '../ui/Menu.tsx';
import { CaptionMenu } from './CaptionMenu.tsx';
import type { CaptionChoice } from './captions.ts';
import type { Chapter } from './chapters.ts';
import { clockText, sizeText } from './format.ts';
import type { Fullscreen } from './fullscreen.ts';
import { usePlayerView, useShownTime } from './hooks.ts';
import type { WatchText } from './i18n.ts';
import { keepHabits } from './memory.ts';
import type { Player } from './player.ts';
import { type PlayerView, RATES } from './player-types.ts';
import { type Choice, choicesOf, type Watching } from './renditions.ts';
import { Scrubber } from './Scrubber.tsx';
import styles from './Transport.module.css';
import { useWords, type WatchWords } from './texts.ts';
import type { Timeline } from './timeline.ts';

interface TransportProps {
  readonly player: Player;
  readonly replay: Replay;
  readonly chapters: readonly Chapter[];
  readonly fullscreen: Fullscreen;
  readonly timeline: Timeline;
  /** What one has watched of it. */
  readonly watched: readonly Stretch[];
  readonly captions: CaptionChoice;
  /** The picture is on this device: it costs nothing. */
  readonly isKept: boolean;
  /** What is watched is a copy, which may hold less than the lesson has. */
  readonly isCopy: boolean;
}

/** Milliseconds. */
const LEAP_MS = 10_000;

export function Transport(props: TransportProps) {
  const { player, replay, chapters, fullscreen, timeline, watched, captions, isKept, isCopy } = props;
  const { playing } = usePlayerView(player);
  const { say } = useWords();
  const leap = (by: number) => player.seek(player.time() + by);
  return (
    <div className={styles.transport}>
      <Scrubber {...{ player, replay, chapters, timeline, watched }} />
      <Elapsed player={player} replay={replay} />
      <div className={styles.moves}>
        <IconButton
          icon={RotateCcw}
          label={say('back10')}
          shortcut="j"
          placement="top"
          onPress={() => leap(-LEAP_MS)}
        />
        <AriaButton
          className={styles.play}
          aria-label={say(playing ? 'pause' : 'play')}
          aria-keyshortcuts="k"
          onPress={() => player.toggle()}
        >
          {playing ? <Pause aria-hidden size={28} /> : <Play aria-hidden size={28} />}
        </AriaButton>
        <IconButton
          icon={RotateCw}
          label={say('forward10')}
          shortcut="l"
          placement="top"
          onPress={() => leap(LEAP_MS)}
        />
      </div>
      <div className={styles.ways}>
        <CaptionMenu captions={captions} />
        <SpeedMenu player={player} />
        <WatchingMenu {...{ player, replay, isKept, isCopy }} />
        <IconButton
          icon={fullscreen.on ? Minimize : Maximize}
          label={say(fullscreen.on ? 'leaveFullscreen' : 'fullscreen')}
          shortcut="f"
          placement="top"
          onPress={fullscreen.toggle}
        />
      </div>
    </div>
  );
}

function Elapsed({ player, replay }: { player: Player; replay: Replay }) {
  const t = useShownTime(player, 250);
  return (
    <p className={styles.elapsed}>
      <strong>{clockText(t - replay.from)}</strong>
      <span> / {clockText(replay.to - replay.from)}</span>
    </p>
  );
}

function SpeedMenu({ player }: { player: Player }) {
  const { rate } = usePlayerView(player);
  const { say } = useWords();
  const choices = RATES.map((each) => ({
    id: String(each),
    text: say('speedValue', { rate: each }),
    onChoose: () => {
      player.setRate(each);
      keepHabits({ rate: each });
    },
  }));
  return (
    <Menu label={say('speed')} parts={[{ id: 'speed', title: say('speed'), chosen: String(rate), choices }]}>
      <Button
        look="quiet"
        className={styles.chooser}
        aria-label={`${say('speed')}: ${say('speedValue', { rate })}`}
      >
        {rate}×
      </Button>
    </Menu>
  );
}

const LONG: Record<Watching, WatchText> = { voice: 'voice', picture: 'picturesToo', ink: 'inkOnly' };
const ICONS: Record<Watching, LucideIcon> = { voice: AudioLines, picture: Video, ink: PenLine };
const SHORT: Record<Watching, WatchText> = { voice: 'voiceShort', picture: 'pictureShort', ink: 'inkShort' };

type WatchingMenuProps = Pick<TransportProps, 'player' | 'replay' | 'isKept' | 'isCopy'>;

function WatchingMenu({ player, replay, isKept, isCopy }: WatchingMenuProps) {
  const view = usePlayerView(player);
  const { watching, loaded } = view;
  const words = useWords();
  const { say } = words;
  const { t } = useTranslation();
  const metered = useMeterParts(null);
  const [asking, setAsking] = useState<Choice | null>(null);
  const watch = (each: Watching) => {
    player.watch(each);
    keepHabits({ watching: each });
  };
  const offered = choicesOf(replay);
  const choices = offered
    .filter(({ state }) => state === 'ready')
    .map((choice) => ({
      id: choice.watching,
      text: choiceText(choice, words),
      onChoose: () => {
        const isNew = choice.watching === 'picture' && watching !== 'picture' && !isKept;
        if (isNew && isAsked(choice.bytes)) setAsking(choice);
        else watch(choice.watching);
      },
    }));
  const ready: MenuPart = { id: 'ready', title: say('watching'), chosen: watching, choices };
  const later = offered
    .filter(({ state }) => state !== 'ready' && !(isCopy && state === 'none'))
    .map(
      (choice): MenuPart => ({ id: choice.watching, title: unreadyText(choice, replay, words), choices: [] }),
    );
  // Said, not chosen.
  const used: MenuPart[] =
    loaded > 0 ? [{ id: 'used', title: say('dataUsed', { size: sizeText(loaded) }), choices: [] }] : [];
  return (
    <>
      <Menu
        label={say('watching')}
        parts={[ready, ...later, ...qualityParts(player, view, words), ...used, ...(isKept ? [] : metered)]}
      >
        <Button
          look="quiet"
          className={styles.chooser}
          icon={ICONS[watching]}
          aria-label={`${say('watching')}: ${say(LONG[watching])}`}
        >
          <span className={styles.word}>{say(SHORT[watching])}</span>
        </Button>
      </Menu>
      <Confirm
        isOpen={asking !== null}
        onClose={() => setAsking(null)}
        title={t('dataUse.ask')}
        confirm={t('dataUse.askGo')}
        onConfirm={() => asking && watch(asking.watching)}
      >
        <p>{t('dataUse.askText', { size: sizeText(asking?.bytes ?? 0) })}</p>
      </Confirm>
    </>
  );
}

function choiceText({ watching, bytes }: Choice, { say }: WatchWords): string {
  return bytes > 0 ? `${say(LONG[watching])} · ${sizeText(bytes)}` : say(LONG[watching]);
}

const AUTO = 'auto';

/** The sizes of the picture, where there is more than one. */
function qualityParts(player: Player, view: PlayerView, { say }: WatchWords): MenuPart[] {
  const { heights, height, chosenHeight } = view;
  if (heights.length < 2) return [];
  const choose = (lines: number | null) => () => {
    player.chooseHeight(lines);
    keepHabits({ height: lines });
  };
  const auto = height === null ? say('qualityAuto') : say('qualityAutoNow', { height });
  return [
    {
      id: 'quality',
      title: say('quality'),
      chosen: chosenHeight === null || !heights.includes(chosenHeight) ? AUTO : String(chosenHeight),
      choices: [
        { id: AUTO, text: auto, onChoose: choose(null) },
        ...heights.map((lines) => ({
          id: String(lines),
          text: say('qualityLines', { height: lines }),
          onChoose: choose(lines),
        })),
      ],
    },
  ];
}

function unreadyText(choice: Choice, replay: Replay, { say }: WatchWords): string {
  const percent = Math.round(replay.state.progress * 100);
  const why = {
    waiting: say('queued'),
    working: say('making', { percent }),
    failed: say('madeFailed'),
    none: say('none'),
    ready: '',
  }[choice.state];
  return `${say(SHORT[choice.watching])} · ${why}`;
}
