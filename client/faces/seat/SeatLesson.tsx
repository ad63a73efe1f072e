import { ArrowLeft } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { LessonSummary } from '../../../protocol/api.ts';
import { own as lookUp } from '../../../protocol/common.ts';
import { Badge } from '../../ui/Badge.tsx';
import { Name, useName } from '../../ui/Name.tsx';
import { useAwake } from '../../ui/useAwake.ts';
import { Behind } from '../live/Behind.tsx';
import { Chat } from '../live/Chat.tsx';
import { Comeback } from '../live/Comeback.tsx';
import { HandButton } from '../live/HandButton.tsx';
import { HearGate } from '../live/HearGate.tsx';
import type { Live } from '../live/Lesson.tsx';
import { LinkMenu } from '../live/LinkMenu.tsx';
import { leadOf, onStage, speaker, streamOf } from '../live/roster.ts';
import { Stage } from '../live/Stage.tsx';
import { Tile } from '../live/Tile.tsx';
import { Called } from './Called.tsx';
import styles from './SeatLesson.module.css';

/** The board, the voice, and a way to ask. */
export function SeatLesson({ live, summary }: { live: Live; summary: LessonSummary | null }) {
  const { t } = useTranslation();
  useAwake();
  const { state, view, you } = live;
  const isOn = state.stage.includes(you.participant);
  const takesPart = you.part !== 'observer';
  return (
    <div className={styles.seat}>
      <header className={styles.head}>
        <Link to="/" className={styles.leave} aria-label={t('lesson.leave')}>
          <ArrowLeft aria-hidden size={24} />
        </Link>
        <h1>{summary && <Name of={summary.title} />}</h1>
        {state.phase === 'paused' && <Badge tone="warning">{t('state.paused')}</Badge>}
        <LinkMenu live={live} />
      </header>
      <Stage live={live} className={styles.stage}>
        <Comeback isLost={view.connection === 'lost'} />
        <Behind live={live} />
        <HearGate />
      </Stage>
      <div className={styles.faces}>
        <Faces live={live} />
      </div>
      <Chat live={live} canSay={takesPart} className={styles.chat} />
      {takesPart && (
        <footer className={styles.foot}>
          {isOn ? <Called live={live} /> : <HandButton live={live} className={styles.hand} />}
        </footer>
      )}
    </div>
  );
}

/** The teacher, whoever is called on, and in words who is speaking. */
function Faces({ live }: { live: Live }) {
  const { t } = useTranslation();
  const name = useName();
  const { state, view } = live;
  const lead = leadOf(state);
  const speaking = lookUp(state.people, speaker(view) ?? '');
  const quiet = lead && !streamOf(state, lead.id, 'mic');
  return (
    <>
      <div className={styles.tiles}>
        {lead && <Tile live={live} person={lead} className={styles.tile} />}
        {onStage(state).map((person) => (
          <Tile key={person.id} live={live} person={person} className={styles.tile} />
        ))}
      </div>
      <p className={styles.speaking}>
        {speaking ? t('lesson.speaking', { name: name(speaking.name) }) : quiet ? t('lesson.noVoice') : ''}
      </p>
    </>
  );
}
