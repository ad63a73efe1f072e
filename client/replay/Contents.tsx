import { Bookmark, CircleHelp, Hand, Mic, Search as SearchIcon, Speech, X } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { pageOf } from '../../protocol/board.ts';
import { IconButton } from '../ui/IconButton.tsx';
import styles from './Contents.module.css';
import { type Chapter, type PageChapter, pageAt } from './chapters.ts';
import { clockText } from './format.ts';
import { PageThumbnail } from './PageThumbnail.tsx';
import type { Player } from './player.ts';
import { SearchResults } from './SearchResults.tsx';
import panel from './SidePanel.module.css';
import { bringIntoView } from './scrolling.ts';
import type { Line } from './search.ts';
import { useWords, type WatchWords } from './texts.ts';
import type { Timeline } from './timeline.ts';

interface ContentsProps {
  readonly player: Player;
  readonly timeline: Timeline;
  readonly chapters: readonly Chapter[];
  readonly t: number;
  /** What can be found by its letters. */
  readonly lines: readonly Line[];
}

const FILTERS = ['all', 'pages', 'questions', 'speakers'] as const;
type Filter = (typeof FILTERS)[number];

const KINDS: Readonly<Record<Filter, readonly Chapter['kind'][]>> = {
  all: ['page', 'title', 'hand', 'call', 'speak', 'ask'],
  pages: ['page', 'title'],
  questions: ['hand', 'call', 'ask'],
  speakers: ['call', 'speak'],
};
const FILTER_TEXTS = {
  all: 'filterAll',
  pages: 'filterPages',
  questions: 'filterQuestions',
  speakers: 'filterSpeakers',
} as const;

/** Where one finds one's way: the chapters, or, while something is looked for, where it was written or said. */
export function Contents({ player, timeline, chapters, t, lines }: ContentsProps) {
  const [query, setQuery] = useState('');
  const { say, name, language } = useWords();
  // biome-ignore lint/correctness/useExhaustiveDependencies: names change with the language alone
  const all = useMemo(() => [...chapterLines(chapters, name), ...lines], [chapters, lines, language]);
  return (
    <div className={styles.contents}>
      <div className={styles.search}>
        <SearchIcon aria-hidden size={20} />
        <input
          type="search"
          data-search
          value={query}
          aria-label={say('search')}
          placeholder={say('searchHint')}
          onChange={(event) => setQuery(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape') setQuery('');
          }}
        />
        {query !== '' && (
          <IconButton icon={X} label={say('searchClear')} placement="left" onPress={() => setQuery('')} />
        )}
      </div>
      {query.trim() === '' ? (
        <Chapters player={player} timeline={timeline} chapters={chapters} t={t} />
      ) : (
        <SearchResults player={player} lines={all} query={query} />
      )}
    </div>
  );
}

/** Names can be looked for; numbers of pages cannot, or everything would be found. */
function chapterLines(chapters: readonly Chapter[], name: WatchWords['name']): Line[] {
  return chapters.flatMap((chapter): Line[] =>
    'name' in chapter
      ? [{ kind: 'chapter', t: chapter.t, text: name(chapter.name) }]
      : chapter.title
        ? [{ kind: 'chapter', t: chapter.t, text: chapter.title }]
        : [],
  );
}

function Chapters({ player, timeline, chapters, t }: Omit<ContentsProps, 'lines'>) {
  const list = useRef<HTMLOListElement>(null);
  const [filter, setFilter] = useState<Filter>('all');
  const { say } = useWords();
  const { from, to } = player.span();
  const shown = chapters.filter(({ kind }) => KINDS[filter].includes(kind));
  const current = pageAt(shown, t);
  useEffect(() => bringIntoView(list.current?.children[current]), [current]);
  const offered = FILTERS.filter((one) => chapters.some(({ kind }) => KINDS[one].includes(kind)));
  return (
    <>
      {offered.length > 2 && (
        <fieldset className={styles.filters} aria-label={say('filter')}>
          {offered.map((one) => (
            <label key={one} className={styles.filter}>
              <input type="radio" name="chapters" checked={one === filter} onChange={() => setFilter(one)} />
              {say(FILTER_TEXTS[one])}
            </label>
          ))}
        </fieldset>
      )}
      <ol ref={list} className={panel.list}>
        {shown.map((chapter, i) => (
          <li key={`${chapter.kind}${chapter.t}`} className={styles.item}>
            <button
              type="button"
              className={panel.chapter}
              data-kind={chapter.kind}
              aria-current={i === current ? 'true' : undefined}
              onClick={() => player.seek(chapter.t)}
            >
              {chapter.kind === 'page' ? (
                <Thumbnail timeline={timeline} chapter={chapter} until={endOf(chapters, chapter, to)} />
              ) : (
                <Mark kind={chapter.kind} />
              )}
              <Label chapter={chapter} />
              <time>{clockText(chapter.t - from)}</time>
            </button>
          </li>
        ))}
      </ol>
    </>
  );
}

const MARKS = { title: Bookmark, hand: Hand, call: Mic, speak: Speech, ask: CircleHelp } as const;

function Mark({ kind }: { kind: keyof typeof MARKS }) {
  const Icon = MARKS[kind];
  return <Icon aria-hidden size={20} />;
}

const LABELS = {
  hand: 'chapterHand',
  call: 'chapterCall',
  speak: 'chapterSpeak',
  ask: 'chapterAsk',
} as const;

function Label({ chapter }: { chapter: Chapter }) {
  const { say, name } = useWords();
  if (chapter.kind === 'title') return <span>{chapter.title}</span>;
  if (chapter.kind === 'page')
    return <span>{chapter.title ?? say('chapterPage', { number: chapter.number })}</span>;
  return <span>{say(LABELS[chapter.kind], { name: name(chapter.name) })}</span>;
}

interface ThumbnailProps {
  readonly timeline: Timeline;
  readonly chapter: PageChapter;
  readonly until: number;
}

function Thumbnail({ timeline, chapter, until }: ThumbnailProps) {
  const read = () => pageOf(timeline.at(until).board, chapter.page);
  return <PageThumbnail read={read} version={timeline.countUntil(until)} />;
}

/** When the page of a chapter was left, or the lesson ended. */
function endOf(chapters: readonly Chapter[], page: PageChapter, to: number): number {
  const next = chapters.find((chapter) => chapter.t > page.t && chapter.kind === 'page');
  return next ? next.t - 1 : to;
}
