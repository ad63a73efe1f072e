import { Redo2, Undo2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { canTravel } from '../../../protocol/board.ts';
import { IconButton } from '../../ui/IconButton.tsx';
import type { Live } from '../live/Lesson.tsx';
import { PlotDialog, type PlotKind } from './PlotDialog.tsx';
import type { Pens } from './pens.ts';
import { StylePicker, StylePopover } from './StylePicker.tsx';
import { Toolbox } from './Toolbox.tsx';
import styles from './Tools.module.css';

interface WritingToolsProps {
  readonly live: Live;
  readonly pens: Pens;
  readonly onPens: (pens: Pens) => void;
}

/** What a hand at the board needs, whosever it is. */
export function WritingTools({ live, pens, onPens }: WritingToolsProps) {
  const { t } = useTranslation();
  const { session, state, you } = live;
  const page = state.board.current;
  const [plot, setPlot] = useState<PlotKind | null>(null);
  return (
    <section className={styles.tools} aria-label={t('teach.tool.label')}>
      <Toolbox pens={pens} onPens={onPens} onPlot={setPlot} />
      <PlotDialog live={live} kind={plot} onClose={() => setPlot(null)} />
      <div className={styles.inline}>
        <StylePicker pens={pens} onPens={onPens} />
      </div>
      <StylePopover pens={pens} onPens={onPens} />
      <div className={styles.travel}>
        <IconButton
          icon={Undo2}
          label={t('teach.tool.undo')}
          placement="top"
          shortcut="Control+Z"
          isDisabled={!canTravel(state.board, you.participant, page, 'done')}
          onPress={() => session.perform('ink.undo', { page })}
        />
        <IconButton
          icon={Redo2}
          label={t('teach.tool.redo')}
          placement="top"
          shortcut="Control+Y"
          isDisabled={!canTravel(state.board, you.participant, page, 'undone')}
          onPress={() => session.perform('ink.redo', { page })}
        />
      </div>
    </section>
  );
}
