import { Button } from 'react-aria-components/Button';
import { useTranslation } from 'react-i18next';
import { own } from '../../../protocol/common.ts';
import { LinkChoice } from '../../../protocol/link.ts';
import { classes } from '../../ui/classes.ts';
import { LinkMark } from '../../ui/Link.tsx';
import { Menu } from '../../ui/Menu.tsx';
import { Gets } from './Gets.tsx';
import type { Live } from './Lesson.tsx';
import styles from './LinkMenu.module.css';
import { ownLink } from './roster.ts';
import { useAsk } from './useAsk.ts';

/** One's own link and what it brings; touched, what one would rather be spared. `text`: in words too. */
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
  return (
    <Menu
      label={t('link.choice.title')}
      parts={[
        {
          id: 'choice',
          title: t('link.choice.title'),
          chosen: person?.choice ?? 'all',
          choices: LinkChoice.options.map((choice) => ({
            id: choice,
            text: t(`link.choice.${choice}`),
            onChoose: () => void ask('link.choose', { choice }),
          })),
        },
      ]}
    >
      <Button className={classes(styles.link, className)} isDisabled={!person}>
        <LinkMark state={ownLink(live.view)} />
        <Gets person={person} className={text ? undefined : styles.unseen} />
      </Button>
    </Menu>
  );
}
