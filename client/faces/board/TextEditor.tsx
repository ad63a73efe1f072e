import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { PAGE_WIDTH, type TextContent } from '../../../protocol/board-events.ts';
import { newMarkId } from '../../board/ink-sender.ts';
import type { BoardLook, LiveBoard } from '../../board/live-board.ts';
import { breakText, LINE_HEIGHT, measureText, TEXT_FONT } from '../../board/text-layout.ts';
import type { Live } from '../live/Lesson.tsx';
import styles from './Board.module.css';
import { inkingOf, type Pens, textSize } from './pens.ts';

/** A text is at most so wide where there is room, board units, and never so narrow that no word fits. */
const WIDEST = 1_100;
const NARROWEST = 240;

interface TextEditorProps {
  readonly board: LiveBoard;
  readonly live: Live;
  readonly look: BoardLook;
  readonly pens: Pens;
  readonly writing: NonNullable<BoardLook['writing']>;
}

/** Writes a text where it will stand, as large as it will be. Leaving it keeps it; Escape gives it up. */
export function TextEditor({ board, live, look, pens, writing }: TextEditorProps) {
  const { t } = useTranslation();
  const { item, at, page } = writing;
  const before = item?.content.kind === 'text' ? item.content : null;
  const [text, setText] = useState(before?.text ?? '');
  const area = useRef<HTMLTextAreaElement>(null);
  const done = useRef(false);
  useEffect(() => area.current?.focus(), []);

  const style = pens.styles[inkingOf(pens.tool)];
  const size = before?.size ?? textSize(style.width);
  const width = before?.width ?? Math.max(NARROWEST, Math.min(WIDEST, PAGE_WIDTH - 40 - at[0]));
  const { pixels } = look;
  const [left, top] = board.toHost(at);

  const finish = (isKept: boolean) => {
    if (done.current) return;
    done.current = true;
    if (isKept)
      keep(live.session, writing, laidOut({ at, width, size, colour: before?.colour ?? style.colour }, text));
    board.written();
  };
  const latest = useRef(finish);
  latest.current = finish;
  // The lead has turned the page: the text stays on the page it was begun on.
  const isTurned = look.page !== page;
  useEffect(() => {
    if (isTurned) latest.current(true);
  }, [isTurned]);
  const lines = breakText(text, width, (line) => measureText(line, size)).length + text.split('\n').length;
  return (
    <textarea
      ref={area}
      value={text}
      maxLength={4_000}
      aria-label={t('board.text.label')}
      placeholder={t('board.text.placeholder')}
      className={styles.text}
      style={{
        left,
        top,
        width: width * pixels,
        height: lines * size * LINE_HEIGHT * pixels,
        font: `${size * pixels}px/${LINE_HEIGHT} ${TEXT_FONT}`,
        color: before?.colour ?? style.colour,
      }}
      onChange={(event) => setText(event.target.value)}
      onBlur={() => finish(true)}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === 'Escape') finish(false);
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) finish(true);
      }}
    />
  );
}

function laidOut(
  look: Pick<TextContent, 'at' | 'width' | 'size' | 'colour'>,
  text: string,
): TextContent | null {
  const kept = text.trimEnd();
  if (kept === '') return null;
  const breaks = breakText(kept, look.width, (line) => measureText(line, look.size)).slice(0, 500);
  return { kind: 'text', ...look, text: kept, breaks };
}

function keep(
  session: Live['session'],
  { item, page }: TextEditorProps['writing'],
  content: TextContent | null,
): void {
  if (item && content) session.perform('item.change', { page, item: item.id, content });
  else if (item) session.perform('ink.erase', { page, strokes: [item.id] });
  else if (content) session.perform('item.add', { page, item: newMarkId(), content });
}
