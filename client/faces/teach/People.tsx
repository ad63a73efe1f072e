import { Hand, Mic, MicOff } from 'lucide-react';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Presence } from '../../../protocol/lesson.ts';
import { Button } from '../../ui/Button.tsx';
import { classes } from '../../ui/classes.ts';
import { IconButton } from '../../ui/IconButton.tsx';
import { Level, shareOf } from '../../ui/Level.tsx';
import { LinkMark, type LinkState } from '../../ui/Link.tsx';
import { Name, useName } from '../../ui/Name.tsx';
import { Gets } from '../live/Gets.tsx';
import type { Live } from '../live/Lesson.tsx';
import { handsUp, linkOf, onStage, others } from '../live/roster.ts';
import { useAsk } from '../live/useAsk.ts';
import styles from './People.module.css';
import { Everyone, WriterMenu } from './Writers.tsx';

/** Raised hands first, since they wait; then who is on; then everyone else. */
export function People({ live }: { live: Live }) {
  const { t } = useTranslation();
  const { state } = live;
  const hands = handsUp(state);
  const called = onStage(state);
  const shown = new Set([...hands, ...called].map(({ id }) => id));
  const groups = [
    { title: t('teach.people.hands'), people: hands },
    { title: t('teach.people.stage'), people: called.filter(({ hand }) => hand === null) },
    { title: t('teach.people.rooms'), people: others(state, ['room']).filter(({ id }) => !shown.has(id)) },
    {
      title: t('teach.people.teachers'),
      people: others(state, ['local']).filter(({ id }) => !shown.has(id)),
    },
    {
      title: t('teach.people.students'),
      people: others(state, ['student']).filter(({ id }) => !shown.has(id)),
    },
  ].filter(({ people }) => people.length > 0);
  if (groups.length === 0) return <p className={styles.empty}>{t('teach.people.empty')}</p>;
  return [
    <Everyone key="everyone" live={live} />,
    ...groups.map(({ title, people }) => (
      <section key={title} className={styles.group} aria-label={title}>
        <h2>
          {title} <span>{people.length}</span>
        </h2>
        <ul>
          {people.map((person) => (
            <Row key={person.id} live={live} person={person} place={hands.indexOf(person) + 1} />
          ))}
        </ul>
      </section>
    )),
  ];
}

function Row({ live, person, place }: { live: Live; person: Presence; place: number }) {
  const ask = useAsk(live.session);
  const { id } = person;
  const isOn = live.state.stage.includes(id);
  return (
    <li className={classes(styles.row, isOn && styles.on, !person.online && styles.away)}>
      <Who
        person={person}
        place={place}
        link={linkOf(live.view, person)}
        level={isOn ? shareOf(live.view.levels[id]) : null}
      />
      <WriterMenu live={live} person={person} />
      <Actions
        person={person}
        isOn={isOn}
        onCall={() => void ask('stage.call', { participant: id })}
        onDismiss={() => void ask('stage.dismiss', { participant: id })}
        onMute={() => void ask('stage.mute', { participant: id, muted: !person.muted })}
      />
    </li>
  );
}

interface WhoProps {
  readonly person: Presence;
  /** In the queue of raised hands, from 1; 0 where the hand is down. */
  readonly place: number;
  readonly link: LinkState;
  /** 0 to 1; null for who is not on. */
  readonly level: number | null;
}

/** Voice levels arrive three times a second: what they do not touch is not drawn again. */
const Who = memo(function Who({ person, place, link, level }: WhoProps) {
  const { t } = useTranslation();
  const name = useName();
  return (
    <>
      {place > 0 ? (
        <span className={styles.hand} role="img" aria-label={t('teach.people.handOrder', { n: place })}>
          <Hand aria-hidden size={18} />
          {place}
        </span>
      ) : (
        <LinkMark state={link} className={styles.link} />
      )}
      <span className={styles.who}>
        <span className={styles.name}>
          <Name of={person.name} />
        </span>
        <span className={styles.school}>
          {person.online ? person.school && <Name of={person.school} /> : t('state.offline')}
        </span>
        <Gets person={person} className={styles.gets} />
        {person.trouble && (
          <span className={styles.trouble}>
            {t(person.trouble.startsWith('camera') ? 'links.noCameraShort' : 'links.noMicrophoneShort')}
          </span>
        )}
      </span>
      {level !== null &&
        (person.muted ? (
          <MicOff aria-label={t('stage.muted')} size={20} className={styles.muted} />
        ) : (
          <Level level={level} label={t('lesson.level', { name: name(person.name) })} />
        ))}
    </>
  );
});

interface ActionsProps {
  readonly person: Presence;
  readonly isOn: boolean;
  readonly onCall: () => void;
  readonly onDismiss: () => void;
  readonly onMute: () => void;
}

function Actions({ person, isOn, onCall, onDismiss, onMute }: ActionsProps) {
  const { t } = useTranslation();
  const name = useName()(person.name);
  if (!person.online) return null;
  if (!isOn) {
    return (
      <Button
        look={person.hand !== null ? 'primary' : 'plain'}
        className={styles.call}
        onPress={onCall}
        aria-label={t('teach.people.callName', { name })}
      >
        {t('teach.people.call')}
      </Button>
    );
  }
  return (
    <span className={styles.actions}>
      <IconButton
        icon={person.muted ? Mic : MicOff}
        label={t(person.muted ? 'teach.people.unmuteName' : 'teach.people.muteName', { name })}
        placement="left"
        onPress={onMute}
      />
      <Button
        look="plain"
        className={styles.call}
        onPress={onDismiss}
        aria-label={t('teach.people.dismissName', { name })}
      >
        {t('teach.people.dismiss')}
      </Button>
    </span>
  );
}
