import { useCallback, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { shownPages } from '../../../protocol/board.ts';
import { BoardView } from '../../board/BoardView.tsx';
import { FIRST_SIZES, type Instrument, type InstrumentKind } from '../../board/instruments.ts';
import type { LiveBoard } from '../../board/live-board.ts';
import type { Live } from '../live/Lesson.tsx';
import { ArrivingNotice } from './ArrivingNotice.tsx';
import styles from './Board.module.css';
import { FileNotice } from './FileNotice.tsx';
import { InstrumentView } from './InstrumentView.tsx';
import { inkingOf, type Pens } from './pens.ts';
import { SelectionFrame } from './SelectionFrame.tsx';
import { TextEditor } from './TextEditor.tsx';
import { ViewControls } from './ViewControls.tsx';
import { WriterTags } from './WriterTags.tsx';

interface BoardProps {
  readonly live: Live;
  /** What is in one's hand; null for who may only look. */
  readonly pens: Pens | null;
  readonly className?: string;
}

/** The page with all that lies over it for a moment: handles, a text being written, instruments, the view. */
export function Board({ live, pens, className }: BoardProps) {
  const { t } = useTranslation();
  const [board, setBoard] = useState<LiveBoard | null>(null);
  const { state, session } = live;
  const number = shownPages(state.board).findIndex(({ id }) => id === state.board.current) + 1;
  const style = pens?.styles[inkingOf(pens.tool)];
  const [instrument, place] = useInstrument(pens?.instrument ?? null);
  return (
    <div className={styles.board}>
      <BoardView
        session={session}
        tool={pens?.tool ?? 'none'}
        colour={style?.colour}
        width={style?.width}
        shape={pens?.shape}
        instrument={instrument}
        writable={pens !== null}
        label={t('lesson.boardOf', { n: number })}
        className={className}
        onBoard={setBoard}
      />
      {board && <Over board={board} live={live} pens={pens} instrument={instrument} onInstrument={place} />}
    </div>
  );
}

interface OverProps {
  readonly board: LiveBoard;
  readonly live: Live;
  readonly pens: Pens | null;
  readonly instrument: Instrument | null;
  readonly onInstrument: (instrument: Instrument) => void;
}

function Over({ board, live, pens, instrument, onInstrument }: OverProps) {
  const look = useSyncExternalStore(board.subscribe, board.look);
  return (
    <>
      {instrument && (
        <InstrumentView board={board} look={look} instrument={instrument} onMove={onInstrument} />
      )}
      {pens?.tool === 'select' && <SelectionFrame board={board} live={live} />}
      {pens && look.writing && (
        <TextEditor
          key={look.writing.item?.id ?? look.writing.at.join()}
          board={board}
          live={live}
          look={look}
          pens={pens}
          writing={look.writing}
        />
      )}
      {live.you.part === 'lead' && <WriterTags board={board} live={live} />}
      <ArrivingNotice live={live} />
      <FileNotice board={board} look={look} />
      <ViewControls board={board} look={look} />
    </>
  );
}

/** An instrument that is taken out lies in the middle of the page, and stays where it is put. */
function useInstrument(kind: InstrumentKind | null): [Instrument | null, (instrument: Instrument) => void] {
  const [placed, setPlaced] = useState<Instrument | null>(null);
  const place = useCallback((instrument: Instrument) => setPlaced(instrument), []);
  if (!kind) return [null, place];
  return [placed?.kind === kind ? placed : FIRST_PLACES[kind], place];
}

const FIRST_PLACES: Readonly<Record<InstrumentKind, Instrument>> = {
  ruler: { kind: 'ruler', at: [960, 600], angle: 0, size: FIRST_SIZES.ruler },
  square: { kind: 'square', at: [700, 800], angle: 0, size: FIRST_SIZES.square },
  protractor: { kind: 'protractor', at: [960, 720], angle: 0, size: FIRST_SIZES.protractor },
  compass: { kind: 'compass', at: [960, 540], angle: 0, size: FIRST_SIZES.compass },
};
