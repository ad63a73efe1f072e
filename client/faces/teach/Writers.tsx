import { Brush, Eraser, Eye, EyeOff, Pencil, PencilOff } from 'lucide-react';
import { Button as AriaButton } from 'react-aria-components/Button';
import { useTranslation } from 'react-i18next';
import { type BoardPage, pageOf, shownMarks } from '../../../protocol/board.ts';
import { EVERYONE, isWriter, type Presence } from '../../../protocol/lesson.ts';
import { IconToggle } from '../../ui/IconButton.tsx';
import { Menu, type MenuChoice } from '../../ui/Menu.tsx';
import { useName } from '../../ui/Name.tsx';
import type { Live } from '../live/Lesson.tsx';
import { useAsk } from '../live/useAsk.ts';
import styles from './People.module.css';

/** Lets the whole class write, and takes the board back from all of them at once. */
export function Everyone({ live }: { live: Live }) {
  const { t } = useTranslation();
  const ask = useAsk(live.session);
  const isOn = live.state.writers.length > 0;
  return (
    <div className={styles.everyone}>
      <IconToggle
        icon={isOn ? Pencil : PencilOff}
        label={t('board.writers.everyone')}
        isOn={isOn}
        onChange={(may) => void ask('writers.change', { may })}
      />
      <span aria-hidden>
        {t(isOn && !live.state.writers.includes(EVERYONE) ? 'board.writers.title' : 'board.writers.everyone')}
      </span>
    </div>
  );
}

/** Whether someone may write, and what becomes of what they wrote. */
export function WriterMenu({ live, person }: { live: Live; person: Presence }) {
  const { t } = useTranslation();
  const name = useName()(person.name);
  const ask = useAsk(live.session);
  if (person.part === 'observer') return null;
  const { state, session } = live;
  const { id } = person;
  const writes = isWriter(state, id);
  const page = pageOf(state.board, state.board.current);
  const isVeiled = state.board.veiled?.includes(id) === true;
  const choices: MenuChoice[] = [
    {
      id: 'write',
      icon: writes ? PencilOff : Pencil,
      text: t(writes ? 'board.writers.stop' : 'board.writers.let', { name }),
      onChoose: () => void ask('writers.change', { participant: id, may: !writes }),
    },
  ];
  if (isVeiled || hasWritten(page, id)) {
    choices.push({
      id: 'veil',
      icon: isVeiled ? Eye : EyeOff,
      text: t(isVeiled ? 'board.writers.show' : 'board.writers.hide', { name }),
      onChoose: () => void ask('ink.veil', { by: id, veiled: !isVeiled }),
    });
    choices.push({
      id: 'clear',
      icon: Eraser,
      text: t('board.writers.clear', { name }),
      danger: true,
      onChoose: () => session.perform('ink.clear', { page: state.board.current, by: id }),
    });
  }
  return (
    <Menu label={t('board.writers.title')} parts={[{ id: 'writing', choices }]}>
      <AriaButton
        className={styles.writer}
        data-writes={writes || undefined}
        aria-label={`${t('board.writers.title')}: ${name}`}
      >
        <Brush aria-hidden size={20} />
      </AriaButton>
    </Menu>
  );
}

function hasWritten(page: BoardPage | undefined, by: string): boolean {
  return page !== undefined && shownMarks(page).some((mark) => mark.by === by);
}
