import { useContext } from 'react';
import { Button } from 'react-aria-components/Button';
import { useTranslation } from 'react-i18next';
import { own } from '../../../protocol/common.ts';
import { HIGHEST, isAtLeast, LinkChoice, sparest } from '../../../protocol/link.ts';
import { LessonFiles } from '../../board/lesson-files.ts';
import { useMeterParts } from '../../data-use/hooks.ts';
import { classes } from '../../ui/classes.ts';
import { LinkMark } from '../../ui/Link.tsx';
import { Menu } from '../../ui/Menu.tsx';
import { Gets, getsText } from './Gets.tsx';
import type { Live } from './Lesson.tsx';
import styles from './LinkMenu.module.css';
import { ownLink } from './roster.ts';
import { useAsk } from './useAsk.ts';
import { useSparing } from './useSparing.ts';

/** One's own link and what it brings; touched, what it has cost and what one would rather be spared. `text`: in words too. */
export function LinkMenu({
  live,
  text = false,
  className,
}: {
  live: Live;
  text?: boolean;
  className?: string;
}) {
  const { t } = useTranslation();
  const ask = useAsk(live.session);
  const person = own(live.state.people, live.you.participant);
  useSparing(live);
  const { choice = 'all', allowed = 'all' } = person ?? {};
  const metered = useMeterParts(useContext(LessonFiles) || null, (on) => {
    // What was saved for the link's sake is given back with it.
    if (!on && choice === 'save') void ask('link.choose', { choice: 'all' });
  });
  // More than is set for the room would be a choice that changes nothing.
  const offered = LinkChoice.options.filter((each) => isAtLeast(HIGHEST[allowed], HIGHEST[each]));
  const state = ownLink(live.view);
  const what = getsText(t, person);
  // The button has room for bars alone on most screens; whoever touches it reads what they mean.
  const said =
    what === null ? t(`link.${state}`) : `${t(`link.${state}`)} · ${t('link.getsLabel', { what })}`;
  return (
    <Menu
      label={t('link.choice.title')}
      parts={[
        { id: 'gets', title: said, choices: [] },
        {
          id: 'choice',
          title: t('link.choice.title'),
          chosen: sparest(choice, allowed),
          choices: offered.map((each) => ({
            id: each,
            text: t(`link.choice.${each === 'save' && person?.part === 'lead' ? 'leadSave' : each}`),
            onChoose: () => void ask('link.choose', { choice: each }),
          })),
        },
        ...metered,
      ]}
    >
      <Button className={classes(styles.link, className)} isDisabled={!person}>
        <LinkMark state={state} />
        <Gets person={person} className={text ? undefined : styles.unseen} />
      </Button>
    </Menu>
  );
}
