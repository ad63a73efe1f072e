import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LessonSummary } from '../../../protocol/api.ts';
import { classes } from '../../ui/classes.ts';
import { useName } from '../../ui/Name.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { useAwake } from '../../ui/useAwake.ts';
import { useErrorText } from '../../ui/useErrorText.ts';
import { Board } from '../board/Board.tsx';
import { FIRST_PENS, type Pens } from '../board/pens.ts';
import { Comeback } from '../live/Comeback.tsx';
import { HearGate } from '../live/HearGate.tsx';
import type { Live } from '../live/Lesson.tsx';
import { onStage } from '../live/roster.ts';
import { useAsk } from '../live/useAsk.ts';
import { useOwnMedia } from '../live/useOwnMedia.ts';
import styles from './Classroom.module.css';
import { Dock } from './Dock.tsx';
import { Panel } from './Panel.tsx';
import { Shortcuts } from './Shortcuts.tsx';
import { TopBar } from './TopBar.tsx';
import type { OwnTracks } from './usePreview.ts';
import { useShortcuts } from './useShortcuts.ts';

interface ClassroomProps {
  readonly live: Live;
  readonly summary: LessonSummary | null;
  /** From the preview; null after a reload in mid-lesson, where the devices last used are opened again. */
  readonly tracks: OwnTracks | null;
}

/** The lesson as its teacher holds it. */
export function Classroom({ live, summary, tracks }: ClassroomProps) {
  const { t } = useTranslation();
  const { session, view } = live;
  const own = useOwnMedia(session.media);
  const ask = useAsk(session);
  const errorText = useErrorText();
  const [pens, setPens] = useState(FIRST_PENS);
  const [panel, setPanel] = useState(true);
  const [help, setHelp] = useState(false);
  useAwake();
  useBegin(own, tracks);
  useShortcuts({
    live,
    onTool: (tool) => setPens((before) => ({ ...before, tool })),
    onMicrophone: () => own.toggle('mic'),
    onHelp: () => setHelp(true),
  });

  return (
    <div className={classes(styles.classroom, !panel && styles.wide)}>
      <TopBar
        live={live}
        summary={summary}
        own={own}
        panel={panel}
        onPanel={setPanel}
        onHelp={() => setHelp(true)}
        onEnd={() => void ask('lesson.end', {})}
      />
      <main className={styles.board}>
        <h1 className={styles.unseen}>{t('lesson.board')}</h1>
        <Board live={live} pens={pens} className={styles.paper} />
        <Comeback isLost={view.connection === 'lost'} />
        <HearGate />
        <Unheard live={live} />
        {own.problem !== null && (
          <div className={styles.problem}>
            <Notice tone="error">{errorText(own.problem)}</Notice>
          </div>
        )}
      </main>
      <Dock live={live} pens={pens} onPens={(next: Pens) => setPens(next)} />
      {panel && <Panel live={live} />}
      <Shortcuts isOpen={help} onClose={() => setHelp(false)} />
    </div>
  );
}

/** Who was called and cannot be heard: the teacher would wait for an answer that cannot come. */
function Unheard({ live }: { live: Live }) {
  const { t } = useTranslation();
  const name = useName();
  const [person] = onStage(live.state).filter(({ trouble }) => trouble && !trouble.startsWith('camera'));
  if (!person?.trouble) return null;
  const what = t(`links.trouble.${person.trouble}`);
  return (
    <div className={styles.problem} role="status">
      <Notice tone="warning">{t('links.noMicrophone', { name: name(person.name), what })}</Notice>
    </div>
  );
}

/** Sends what the preview opened, once; after a reload, what was in use. */
function useBegin(own: ReturnType<typeof useOwnMedia>, tracks: OwnTracks | null) {
  const begun = useRef(false);
  const { start } = own;
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    const { mic, camera } = tracks ?? { mic: 'later', camera: 'later' };
    const open = async () => {
      if (mic) await start('mic', mic === 'later' ? undefined : mic);
      if (camera) await start('camera', camera === 'later' ? undefined : camera);
    };
    void open();
  }, [start, tracks]);
}
