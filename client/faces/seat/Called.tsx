import { Mic, MicOff, Radio, Video, VideoOff } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { own as lookUp } from '../../../protocol/common.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { IconToggle } from '../../ui/IconButton.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { useErrorText } from '../../ui/useErrorText.ts';
import type { Live } from '../live/Lesson.tsx';
import { type OwnMedia, useOwnMedia } from '../live/useOwnMedia.ts';
import { useTrouble } from '../live/useTrouble.ts';
import styles from './Called.module.css';

/** Called on: nothing is sent before the person agrees, and they see all the time that they are on. */
export function Called({ live }: { live: Live }) {
  const { t } = useTranslation();
  const own = useOwnMedia(live.session.media);
  useTrouble(live, own.problems, true);
  const [asking, setAsking] = useState(true);
  const muted = lookUp(live.state.people, live.you.participant)?.muted === true;
  const sends = own.isOn.mic || own.tracks.mic !== undefined;
  return (
    <div className={styles.called}>
      <p className={styles.on} role="status">
        <Radio aria-hidden size={22} />
        {t(muted ? 'stage.muted' : sends ? 'stage.on' : 'stage.called')}
      </p>
      {sends ? (
        <Toggles own={own} />
      ) : (
        <Button look="primary" onPress={() => setAsking(true)}>
          {t('stage.answer')}
        </Button>
      )}
      <Ask own={own} isOpen={asking && !sends} onClose={() => setAsking(false)} />
    </div>
  );
}

function Toggles({ own }: { own: OwnMedia }) {
  const { t } = useTranslation();
  return (
    <div className={styles.toggles}>
      <IconToggle
        icon={own.isOn.mic ? Mic : MicOff}
        label={t(own.isOn.mic ? 'stage.microphoneOn' : 'stage.microphoneOff')}
        caption={t(own.isOn.mic ? 'stage.microphoneOn' : 'stage.microphoneOff')}
        meaning="live"
        isOn={own.isOn.mic}
        onChange={() => own.toggle('mic')}
        placement="top"
      />
      <IconToggle
        icon={own.isOn.camera ? Video : VideoOff}
        label={t(own.isOn.camera ? 'stage.cameraOn' : 'stage.cameraOff')}
        caption={t(own.isOn.camera ? 'stage.cameraOn' : 'stage.cameraOff')}
        meaning="live"
        isOn={own.isOn.camera}
        isDisabled={own.busy.camera === true}
        onChange={() => own.toggle('camera')}
        placement="top"
      />
    </div>
  );
}

interface AskProps {
  readonly own: OwnMedia;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

function Ask({ own, isOpen, onClose }: AskProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const busy = own.busy.mic === true || own.busy.camera === true;
  const open = async (withCamera: boolean) => {
    const heard = await own.start('mic');
    if (heard && withCamera) await own.start('camera');
  };
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={t('stage.called')} shape="sheet">
      <div className={styles.ask}>
        <p>{t('stage.calledHint')}</p>
        {own.problem !== null && <Notice tone="error">{errorText(own.problem)}</Notice>}
        <Button look="primary" size="large" icon={Video} isPending={busy} onPress={() => void open(true)}>
          {t('stage.openBoth')}
        </Button>
        <Button size="large" icon={Mic} isPending={busy} onPress={() => void open(false)}>
          {t('stage.openVoice')}
        </Button>
        <Button look="quiet" onPress={onClose}>
          {t('stage.later')}
        </Button>
      </div>
    </Dialog>
  );
}
