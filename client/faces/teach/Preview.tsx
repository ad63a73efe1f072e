import { ArrowLeft, FileUp, VideoOff } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LessonSummary } from '../../../protocol/api.ts';
import type { Localised } from '../../../protocol/common.ts';
import type { PackShare } from '../../../protocol/pack.ts';
import { useQuery } from '../../api.ts';
import { loadBoard } from '../../board/load.ts';
import { Button } from '../../ui/Button.tsx';
import { Choice } from '../../ui/Choice.tsx';
import { Level } from '../../ui/Level.tsx';
import { LinkMark } from '../../ui/Link.tsx';
import { LinkButton } from '../../ui/LinkButton.tsx';
import { Name } from '../../ui/Name.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { Picture } from '../../ui/Picture.tsx';
import { timeOfDay } from '../../ui/time.ts';
import { useErrorText } from '../../ui/useErrorText.ts';
import type { Live } from '../live/Lesson.tsx';
import { PackMark } from '../live/PackMark.tsx';
import { linkOf } from '../live/roster.ts';
import { useAsk } from '../live/useAsk.ts';
import styles from './Preview.module.css';
import { type OwnTracks, useLevel, usePreview } from './usePreview.ts';

interface PreviewProps {
  readonly live: Live;
  readonly summary: LessonSummary | null;
  readonly lesson: string;
  readonly onStarted: (tracks: OwnTracks) => void;
}

/** Before the lesson: what they will see and hear, and who is there. */
export function Preview({ live, summary, lesson, onStarted }: PreviewProps) {
  const { t } = useTranslation();
  const ask = useAsk(live.session);
  const preview = usePreview();
  const [starting, setStarting] = useState(false);
  // So that the board can be written on from its first moment. What fails here is tried again by the board itself.
  useEffect(() => void loadBoard().catch(() => undefined), []);

  const start = async () => {
    setStarting(true);
    const tracks = preview.take(); // this page may be gone by the time of the answer
    onStarted(tracks);
    if (await ask('lesson.start', {})) return;
    preview.giveBack(tracks);
    setStarting(false);
  };
  return (
    <main className={styles.page}>
      <header className={styles.header}>
        <LinkButton to="/" look="quiet" icon={ArrowLeft}>
          {t('action.back')}
        </LinkButton>
        {summary && (
          <LinkButton to={`/prepare/${summary.id}`} look="quiet" icon={FileUp}>
            {t('prepare.open')}
          </LinkButton>
        )}
      </header>
      <div className={styles.title}>
        <p>
          {summary && (
            <>
              {timeOfDay(summary.startsAt)} <Name of={summary.course} />
            </>
          )}
        </p>
        <h1>{summary ? <Name of={summary.title} /> : t('teach.preview.title')}</h1>
        <p>{t('teach.preview.intro')}</p>
      </div>
      <Camera preview={preview} />
      <div className={styles.settings}>
        <Microphone preview={preview} />
        <RoomList live={live} summary={summary} lesson={lesson} />
        <Button look="primary" size="large" onPress={start} isPending={starting} className={styles.start}>
          {t(starting ? 'teach.preview.starting' : 'teach.preview.start')}
        </Button>
      </div>
    </main>
  );
}

const NONE = 'none';
const ANY = 'any';

type PreviewState = ReturnType<typeof usePreview>;

function Camera({ preview: { camera, devices, choose } }: { preview: PreviewState }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  return (
    <section className={styles.camera} aria-label={t('teach.preview.camera')}>
      <div className={styles.mirror}>
        {camera.track ? (
          <Picture track={camera.track} mirrored label={t('teach.preview.yourPicture')} />
        ) : (
          <p>
            <VideoOff aria-hidden size={40} strokeWidth={1.5} />
            {t(camera.state === 'opening' ? 'teach.preview.cameraWaiting' : 'teach.preview.cameraOff')}
          </p>
        )}
      </div>
      {camera.problem !== null && (
        <Problem text={errorText(camera.problem)} onRetry={() => void choose('camera')} />
      )}
      <Choice
        label={t('teach.preview.camera')}
        value={camera.state === 'off' ? NONE : (camera.track?.getSettings().deviceId ?? ANY)}
        options={optionsOf(devices.cameras, camera, t('teach.preview.camera'), t('teach.preview.noCamera'))}
        onChange={(id) => void choose('camera', id === NONE ? null : id)}
      />
    </section>
  );
}

function Microphone({ preview: { mic, devices, choose } }: { preview: PreviewState }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const { level, heard } = useLevel(mic.track);
  return (
    <section className={styles.microphone} aria-label={t('teach.preview.microphone')}>
      <Choice
        label={t('teach.preview.microphone')}
        value={mic.state === 'off' ? NONE : (mic.track?.getSettings().deviceId ?? ANY)}
        options={optionsOf(
          devices.microphones,
          mic,
          t('teach.preview.microphone'),
          t('teach.preview.noMicrophone'),
        )}
        onChange={(id) => void choose('mic', id === NONE ? null : id)}
      />
      {mic.track && (
        <>
          <Level level={level} size="large" label={t('teach.preview.microphone')} />
          <p className={styles.hint} data-good={heard || undefined}>
            {t(heard ? 'teach.preview.heard' : 'teach.preview.speak')}
          </p>
        </>
      )}
      {mic.problem !== null && <Problem text={errorText(mic.problem)} onRetry={() => void choose('mic')} />}
      {mic.state === 'off' && mic.problem === null && (
        <Notice tone="warning">{t('teach.preview.without')}</Notice>
      )}
    </section>
  );
}

/** The open device is always among the choices, even where the list of devices is not to be had. */
function optionsOf(
  devices: readonly { id: string; label: string }[],
  { track, state }: { track: MediaStreamTrack | null; state: string },
  kind: string,
  none: string,
) {
  const named = devices.map(({ id, label }, i) => ({ id, text: label || `${kind} ${i + 1}` }));
  const current = track?.getSettings().deviceId ?? ANY;
  const missing = state !== 'off' && !named.some(({ id }) => id === current);
  return [
    ...(missing ? [{ id: current, text: track?.label || kind }] : []),
    ...named,
    { id: NONE, text: none },
  ];
}

function Problem({ text, onRetry }: { text: string; onRetry: () => void }) {
  const { t } = useTranslation();
  return (
    <Notice
      tone="error"
      action={
        <Button look="quiet" onPress={onRetry}>
          {t('action.retry')}
        </Button>
      }
    >
      {text}
    </Notice>
  );
}

/** Who prepares sees the last of it arrive. Milliseconds. */
const PACKS_EVERY = 15_000;

function Pack({ of: room }: { of: { share: PackShare | null } | undefined }) {
  return room ? <PackMark share={room.share} /> : null;
}

function RoomList({ live, summary, lesson }: Pick<PreviewProps, 'live' | 'summary' | 'lesson'>) {
  const { t } = useTranslation();
  const { data } = useQuery('pack.rooms', { params: { lesson }, every: PACKS_EVERY });
  const packOf = (name: Localised) => data?.rooms.find((room) => room.name['zh-CN'] === name['zh-CN']);
  const here = Object.values(live.state.people).filter(({ part, online }) => part === 'room' && online);
  const away = (summary?.rooms ?? []).filter(
    (room) => !here.some(({ name }) => name['zh-CN'] === room['zh-CN']),
  );
  if (here.length + away.length === 0) return null;
  return (
    <section className={styles.rooms} aria-labelledby="preview-rooms">
      <h2 id="preview-rooms">{t('teach.preview.rooms')}</h2>
      <ul>
        {here.map((room) => (
          <li key={room.id}>
            <Name of={room.name} />
            <Pack of={packOf(room.name)} />
            <LinkMark state={linkOf(live.view, room)} text />
          </li>
        ))}
        {away.map((room) => (
          <li key={room['zh-CN']} className={styles.away}>
            <Name of={room} />
            <Pack of={packOf(room)} />
            <span>{t('teach.preview.notHere')}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
