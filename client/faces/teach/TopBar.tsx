import {
  CircleHelp,
  CloudOff,
  CloudUpload,
  Disc,
  Ellipsis,
  Mic,
  MicOff,
  Pause,
  Play,
  ScreenShare,
  ScreenShareOff,
  TriangleAlert,
  Users,
  Video,
  VideoOff,
} from 'lucide-react';
import { useState } from 'react';
import { Button as AriaButton } from 'react-aria-components/Button';
import { useTranslation } from 'react-i18next';
import type { LessonSummary } from '../../../protocol/api.ts';
import { chooseLanguage, LANGUAGES } from '../../i18n/index.ts';
import { Badge } from '../../ui/Badge.tsx';
import { Button } from '../../ui/Button.tsx';
import { Confirm } from '../../ui/Dialog.tsx';
import { IconToggle } from '../../ui/IconButton.tsx';
import { Menu } from '../../ui/Menu.tsx';
import { Name, useLanguage } from '../../ui/Name.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { useTell } from '../../ui/Toasts.tsx';
import { duration, useNow } from '../../ui/time.ts';
import type { Live } from '../live/Lesson.tsx';
import { LinkMenu } from '../live/LinkMenu.tsx';
import { handsUp } from '../live/roster.ts';
import { useAsk } from '../live/useAsk.ts';
import type { OwnMedia } from '../live/useOwnMedia.ts';
import styles from './TopBar.module.css';

interface TopBarProps {
  readonly live: Live;
  readonly summary: LessonSummary | null;
  readonly own: OwnMedia;
  readonly panel: boolean;
  readonly onPanel: (open: boolean) => void;
  readonly onHelp: () => void;
  readonly onEnd: () => void;
}

export function TopBar({ live, summary, own, panel, onPanel, onHelp, onEnd }: TopBarProps) {
  const { t } = useTranslation();
  const [ending, setEnding] = useState(false);
  const hands = handsUp(live.state).length;
  return (
    <header className={styles.bar}>
      <div className={styles.lesson}>
        <p className={styles.title}>{summary && <Name of={summary.title} />}</p>
        <Elapsed live={live} />
      </div>
      <States live={live} />
      <OwnToggles own={own} />
      <div className={styles.end}>
        <span className={styles.ownLink}>
          <LinkMenu live={live} />
        </span>
        <IconToggle
          icon={Users}
          label={t(panel ? 'teach.top.hidePanel' : 'teach.top.showPanel')}
          isOn={panel}
          onChange={onPanel}
          badge={!panel && hands > 0 ? hands : undefined}
          className={styles.panel}
        />
        <More live={live} own={own} onHelp={onHelp} />
        <Button look="plain" onPress={() => setEnding(true)} className={styles.finish}>
          {t('teach.top.end')}
        </Button>
      </div>
      <Confirm
        isOpen={ending}
        onClose={() => setEnding(false)}
        title={t('teach.end.title')}
        confirm={t('teach.end.confirm')}
        cancel={t('teach.end.cancel')}
        onConfirm={onEnd}
      >
        <p>{t('teach.end.text')}</p>
        {live.view.unsent > 0 && (
          <Notice tone="warning">{t('teach.end.unsaved', { n: live.view.unsent })}</Notice>
        )}
      </Confirm>
    </header>
  );
}

function Elapsed({ live: { session, state } }: { live: Live }) {
  const { t } = useTranslation();
  useNow(1000);
  const ms = state.startedAt === null ? 0 : session.now() - state.startedAt;
  return (
    <p className={styles.elapsed}>
      <span className={styles.unseen}>{t('teach.top.elapsed')}</span>
      <span>{duration(ms)}</span>
    </p>
  );
}

const RECORDING = {
  on: { tone: 'live', text: 'teach.top.recordingOn' },
  voice: { tone: 'live', text: 'teach.top.recordingVoice' },
  off: { tone: 'quiet', text: 'teach.top.recordingOff' },
  failed: { tone: 'warning', text: 'teach.top.recordingFailed' },
} as const;

function States({ live: { state, view } }: { live: Live }) {
  const { t } = useTranslation();
  const { tone, text } = RECORDING[state.recording];
  return (
    <div className={styles.states}>
      {state.phase === 'paused' ? (
        <Badge tone="warning" icon={Pause}>
          <span className={styles.word}>{t('state.paused')}</span>
        </Badge>
      ) : (
        <Badge
          tone={tone}
          pulse={tone === 'live'}
          icon={tone === 'live' ? undefined : tone === 'warning' ? TriangleAlert : Disc}
        >
          <span className={styles.word}>{t(text)}</span>
        </Badge>
      )}
      {view.unsent > 0 ? (
        <Badge tone="warning" icon={view.connection === 'joined' ? CloudUpload : CloudOff}>
          <span className={styles.word}>{t('teach.top.unsaved', { n: view.unsent })}</span>
          <span className={styles.short} aria-hidden>
            {view.unsent}
          </span>
        </Badge>
      ) : (
        <span className={styles.saved}>{t('teach.top.saved')}</span>
      )}
    </div>
  );
}

function OwnToggles({ own }: { own: OwnMedia }) {
  const { t } = useTranslation();
  const canShare = 'getDisplayMedia' in (navigator.mediaDevices ?? {});
  return (
    <div className={styles.own}>
      <IconToggle
        icon={own.isOn.mic ? Mic : MicOff}
        label={t('teach.device.microphone')}
        caption={t('teach.device.microphone')}
        meaning="live"
        isOn={own.isOn.mic}
        isDisabled={own.busy.mic === true}
        onChange={() => own.toggle('mic')}
        shortcut="m"
      />
      <IconToggle
        icon={own.isOn.camera ? Video : VideoOff}
        label={t('teach.device.camera')}
        caption={t('teach.device.camera')}
        meaning="live"
        isOn={own.isOn.camera}
        isDisabled={own.busy.camera === true}
        onChange={() => own.toggle('camera')}
      />
      {canShare && (
        <IconToggle
          icon={own.isOn.screen ? ScreenShareOff : ScreenShare}
          label={t('teach.device.screen')}
          caption={t('teach.device.screen')}
          meaning="live"
          isOn={own.isOn.screen}
          isDisabled={own.busy.screen === true}
          onChange={() => own.toggle('screen')}
          className={styles.screen}
        />
      )}
    </div>
  );
}

function More({ live, own, onHelp }: { live: Live; own: OwnMedia; onHelp: () => void }) {
  const { t } = useTranslation();
  const ask = useAsk(live.session);
  const tell = useTell();
  const language = useLanguage();
  const paused = live.state.phase === 'paused';
  return (
    <Menu
      label={t('teach.top.more')}
      parts={[
        {
          id: 'lesson',
          choices: [
            {
              id: 'pause',
              text: t(paused ? 'teach.top.resume' : 'teach.top.pause'),
              icon: paused ? Play : Pause,
              onChoose: () => void ask(paused ? 'lesson.resume' : 'lesson.pause', {}),
            },
            { id: 'help', text: t('teach.top.help'), icon: CircleHelp, onChoose: onHelp },
          ],
        },
        {
          id: 'sound',
          title: t('links.sound'),
          chosen: own.sound,
          choices: [
            { id: 'speech', text: t('links.voice'), onChoose: () => own.setSound('speech') },
            { id: 'music', text: t('links.music'), onChoose: () => own.setSound('music') },
          ],
        },
        {
          id: 'language',
          title: t('menu.language'),
          chosen: language,
          choices: LANGUAGES.map((id) => ({
            id,
            text: t(`language.${id}`),
            lang: id,
            onChoose: () => chooseLanguage(id).catch(tell.error),
          })),
        },
      ]}
    >
      <AriaButton className={styles.more} aria-label={t('teach.top.more')}>
        <Ellipsis aria-hidden size={24} />
      </AriaButton>
    </Menu>
  );
}
