import { MicOff, Monitor, UserRound } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Presence } from '../../../protocol/lesson.ts';
import { useMediaView } from '../../lesson/hooks.ts';
import { classes } from '../../ui/classes.ts';
import { Name, useName } from '../../ui/Name.tsx';
import { Picture } from '../../ui/Picture.tsx';
import type { Live } from './Lesson.tsx';
import { isSpeaking, streamOf } from './roster.ts';
import styles from './Tile.module.css';

interface TileProps {
  readonly live: Live;
  readonly person: Presence;
  readonly className?: string;
  readonly children?: ReactNode;
}

/** Somebody who may be seen: their picture, or who they are where there is none. A frame while they speak. */
export function Tile({ live, person, className, children }: TileProps) {
  const { t } = useTranslation();
  const name = useName();
  const { received, sending } = useMediaView(live.session.media);
  const isYou = person.id === live.you.participant;
  const stream = streamOf(live.state, person.id, 'camera');
  const track = isYou ? sending.camera : stream && received[stream.id];
  return (
    <figure className={classes(styles.tile, isSpeaking(live.view, person.id) && styles.speaking, className)}>
      {track ? (
        <Picture track={track} mirrored={isYou} label={t('lesson.pictureOf', { name: name(person.name) })} />
      ) : (
        <span className={styles.nobody}>
          {person.part === 'room' ? <Monitor aria-hidden /> : <UserRound aria-hidden />}
        </span>
      )}
      <figcaption className={styles.caption}>
        {person.muted && (
          <b className={styles.muted}>
            <MicOff aria-hidden size={16} /> {t('stage.silenced')}
          </b>
        )}
        <span>{isYou ? t('teach.people.you') : <Name of={person.name} />}</span>
      </figcaption>
      {children}
    </figure>
  );
}
