import { useMemo } from 'react';
import styles from './Contents.module.css';
import { clockText } from './format.ts';
import type { WatchText } from './i18n.ts';
import type { Player } from './player.ts';
import panel from './SidePanel.module.css';
import { type Found, type Line, search } from './search.ts';
import { useWords } from './texts.ts';

const KINDS: Readonly<Record<Line['kind'], WatchText>> = {
  text: 'foundText',
  page: 'foundPage',
  chat: 'foundChat',
  caption: 'foundCaption',
  note: 'foundNote',
  question: 'foundQuestion',
  chapter: 'foundChapter',
};

/** More would be no answer; a longer word is. */
const LIMIT = 200;
/** What was said just before is part of what one looks for, ms. */
const LEAD_IN_MS = 1_000;

interface SearchResultsProps {
  readonly player: Player;
  readonly lines: readonly Line[];
  readonly query: string;
}

/** Where it was written or said, in the order of the lesson; a touch goes there. */
export function SearchResults({ player, lines, query }: SearchResultsProps) {
  const { say } = useWords();
  const { from, to } = player.span();
  const found = useMemo(
    () => search(lines, query).filter(({ line }) => line.t >= from && line.t <= to),
    [lines, query, from, to],
  );
  return (
    <>
      <p role="status" className={styles.count}>
        {found.length > 0
          ? say('searchCount', { count: found.length })
          : say('searchNone', { text: query.trim() })}
      </p>
      <ol className={panel.list}>
        {found.slice(0, LIMIT).map((one) => (
          <Row key={`${one.line.kind}${one.line.t}${one.line.text}`} found={one} player={player} />
        ))}
      </ol>
    </>
  );
}

function Row({ found: { line, pieces }, player }: { found: Found; player: Player }) {
  const { say, name } = useWords();
  const { from } = player.span();
  const where = [
    say(KINDS[line.kind]),
    line.page && say('chapterPage', { number: line.page }),
    line.by && name(line.by),
  ];
  return (
    <li>
      <button
        type="button"
        className={panel.line}
        onClick={() => player.seek(Math.max(from, line.t - (line.kind === 'caption' ? LEAD_IN_MS : 0)))}
      >
        <span className={panel.by}>{where.filter(Boolean).join(' · ')}</span>
        <time>{clockText(line.t - from)}</time>
        <span className={panel.said}>
          {pieces.map((piece, i) =>
            // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one text, in their order
            i % 2 === 1 ? <mark key={i}>{piece}</mark> : <span key={i}>{piece}</span>,
          )}
        </span>
      </button>
    </li>
  );
}
