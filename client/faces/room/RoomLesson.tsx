import { Mic, MicOff, Radio } from 'lucide-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import type { LessonSummary } from '../../../protocol/api.ts';
import { own as lookUp } from '../../../protocol/common.ts';
import { Button } from '../../ui/Button.tsx';
import { IconToggle } from '../../ui/IconButton.tsx';
import { Name, useName } from '../../ui/Name.tsx';
import { timeOfDay, useNow } from '../../ui/time.ts';
import { useErrorText } from '../../ui/useErrorText.ts';
import { Behind } from '../live/Behind.tsx';
import { Comeback } from '../live/Comeback.tsx';
import { HandButton } from '../live/HandButton.tsx';
import { HearGate } from '../live/HearGate.tsx';
import type { Live } from '../live/Lesson.tsx';
import { LinkMenu } from '../live/LinkMenu.tsx';
import { leadOf, onStage, speaker } from '../live/roster.ts';
import { Stage } from '../live/Stage.tsx';
import { Tile } from '../live/Tile.tsx';
import { type OwnMedia, useOwnMedia } from '../live/useOwnMedia.ts';
import { useTrouble } from '../live/useTrouble.ts';
import styles from './RoomLesson.module.css';
import type { Device } from './useDevice.ts';
import type { DeviceCheck } from './useDeviceCheck.ts';

interface RoomLessonProps {
  readonly live: Live;
  readonly summary: LessonSummary;
  readonly check: DeviceCheck;
  readonly device: Device;
}

/** A lesson on a classroom's large screen, for thirty children and the teacher among them. */
export function RoomLesson({ live, summary, check, device }: RoomLessonProps) {
  const { state, view, you } = live;
  const own = useOwnMedia(live.session.media);
  const isOn = state.stage.includes(you.participant);
  useOpenWhenCalled(isOn, own, device.choice);
  useOpenAgain(isOn, own, check);
  useTrouble(live, own.problems, isOn);
  useLevels(live, device);
  useSilence(live, own, isOn, device);
  useLinkMeasures(live, device);

  const lead = leadOf(state);
  return (
    <div className={styles.screen} data-on={isOn || undefined}>
      <Head live={live} summary={summary} />
      <Stage live={live} className={styles.stage}>
        <Comeback isLost={view.connection === 'lost'} className={styles.comeback} />
        <Behind live={live} className={styles.comeback} />
        <HearGate />
        <PhaseNote live={live} />
      </Stage>
      <aside className={styles.side}>
        {lead && <Tile live={live} person={lead} className={styles.tile} />}
        {onStage(state).map((person) => (
          <Tile key={person.id} live={live} person={person} className={styles.tile} />
        ))}
      </aside>
      <Foot live={live} own={own} isOn={isOn} check={check} />
    </div>
  );
}

/** Called on, the room is seen and heard without anyone's doing; sent back, its devices are given back. */
function useOpenWhenCalled(isOn: boolean, { startBoth, stop }: OwnMedia, choice: number) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: another choice opens other devices
  useEffect(() => {
    if (!isOn) return;
    void startBoth();
    return () => {
      stop('mic');
      stop('camera');
    };
  }, [isOn, startBoth, stop, choice]);
}

/** Nobody is there to press "try again". Milliseconds. */
const OPEN_AGAIN = 10_000;

/** A camera that was pulled out and is back, or a microphone, is sent again. */
function useOpenAgain(isOn: boolean, { lost, problem, start, startBoth }: OwnMedia, { state }: DeviceCheck) {
  const isReady = isOn && state === 'ready';
  useEffect(() => {
    if (!isReady || problem === null) return;
    const timer = setTimeout(() => void startBoth(), OPEN_AGAIN);
    return () => clearTimeout(timer);
  }, [isReady, problem, startBoth]);
  useEffect(() => {
    if (!isReady) return;
    if (lost.mic) void start('mic');
    if (lost.camera) void start('camera');
  }, [isReady, lost, start]);
}

/** Silence is only ever -127 dBov; anything below what a series keeps is as good. */
const SILENCE_DB = -100;

/** Tells the device what is heard here and played here, and that a lesson runs. */
function useLevels({ view, you }: Live, { measured, setInLesson }: Device) {
  const { levels } = view;
  useEffect(() => {
    const others = Object.entries(levels).filter(([who]) => who !== you.participant);
    const own = lookUp(levels, you.participant);
    measured({
      ...(own !== undefined && { levelIn: Math.max(SILENCE_DB, Math.min(0, own)) }),
      ...(others.length > 0 && {
        levelOut: Math.min(0, Math.max(SILENCE_DB, ...others.map(([, level]) => level))),
      }),
    });
  }, [levels, you.participant, measured]);
  useEffect(() => {
    setInLesson(true);
    return () => setInLesson(null);
  }, [setInLesson]);
}

/** Milliseconds. */
const MEASURE = 10_000;

/** Levels tell voices alone: a microphone that brings none while it is open is a measure too. */
function useSilence({ state, you }: Live, own: OwnMedia, isOn: boolean, { measured }: Device) {
  const isMuted = lookUp(state.people, you.participant)?.muted === true;
  const isOpen = isOn && own.isOn.mic && !isMuted && state.phase === 'live';
  useEffect(() => {
    if (!isOpen) return;
    const timer = setInterval(() => measured({ levelIn: SILENCE_DB }), MEASURE);
    return () => clearInterval(timer);
  }, [isOpen, measured]);
}

/** How the link does in a lesson goes into the device's history. */
function useLinkMeasures({ session: { media } }: Live, { measured }: Device) {
  useEffect(() => {
    const timer = setInterval(() => {
      const measure = media.measured();
      if (!measure) return;
      const { loss, receivedKbps, frames } = measure;
      measured({ loss, downKbps: Math.round(receivedKbps), ...(frames !== null && { frames }) });
    }, MEASURE);
    return () => clearInterval(timer);
  }, [media, measured]);
}

function Head({ live, summary }: Omit<RoomLessonProps, 'check' | 'device'>) {
  const now = useNow(1000);
  return (
    <header className={styles.head}>
      <h1>
        <Name of={summary.title} />
      </h1>
      <p>
        <Name of={summary.teacher} />
      </p>
      <LinkMenu live={live} text className={styles.link} />
      <time>{timeOfDay(now)}</time>
    </header>
  );
}

/** Over the board's lower edge: it stays to be read while the teacher is away. */
function PhaseNote({ live }: { live: Live }) {
  const { t } = useTranslation();
  const { phase } = live.state;
  if (phase === 'live' || phase === 'ready') return null;
  return (
    <div className={styles.note} role="status">
      <p>{t(phase === 'paused' ? 'lesson.paused' : 'lesson.ended')}</p>
      {phase === 'paused' && <small>{t('lesson.pausedHint')}</small>}
    </div>
  );
}

interface FootProps {
  readonly live: Live;
  readonly own: OwnMedia;
  readonly isOn: boolean;
  readonly check: DeviceCheck;
}

function Foot({ live, own, isOn, check }: FootProps) {
  const { t } = useTranslation();
  return (
    <footer className={styles.foot}>
      <div className={styles.state}>
        <FootState live={live} own={own} isOn={isOn} check={check} />
      </div>
      {isOn && (
        <IconToggle
          icon={own.isOn.mic ? Mic : MicOff}
          label={t(own.isOn.mic ? 'stage.microphoneOn' : 'stage.microphoneOff')}
          caption={t(own.isOn.mic ? 'stage.microphoneOn' : 'stage.microphoneOff')}
          meaning="live"
          isOn={own.isOn.mic}
          isDisabled={own.busy.mic === true}
          onChange={() => own.toggle('mic')}
          className={styles.mic}
        />
      )}
      {!isOn && live.state.phase === 'live' && <HandButton live={live} className={styles.hand} />}
    </footer>
  );
}

function FootState({ live, own, isOn, check }: FootProps) {
  const { t } = useTranslation();
  const name = useName();
  const errorText = useErrorText();
  const problem = isOn ? own.problem : check.problem;
  if (problem !== null) {
    return (
      <div className={styles.trouble} role="alert">
        <p>
          {t('room.deviceTrouble')} <small>{errorText(problem)}</small>
        </p>
        <Button onPress={() => (isOn ? void own.startBoth() : check.again())}>{t('action.retry')}</Button>
      </div>
    );
  }
  if (isOn) {
    const muted = lookUp(live.state.people, live.you.participant)?.muted === true;
    return (
      <p className={styles.on} role="status">
        <Radio aria-hidden /> {t(muted ? 'stage.muted' : 'stage.onRoom')}
      </p>
    );
  }
  if (live.state.phase === 'ended') return null;
  const speaking = lookUp(live.state.people, speaker(live.view) ?? '');
  return speaking ? (
    <p className={styles.speaking}>{t('lesson.speaking', { name: name(speaking.name) })}</p>
  ) : null;
}
