import { Hand, Mic } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { pageOf } from '../../protocol/board.ts';
import { type Chapter, type PageChapter, pageAt } from './chapters.ts';
import { clockText } from './format.ts';
import { PageThumbnail } from './PageThumbnail.tsx';
import type { Player } from './player.ts';
import styles from './SidePanel.module.css';
import { bringIntoView } from './scrolling.ts';
import { useWords } from './texts.ts';
import type { Timeline } from './timeline.ts';

interface ContentsProps {
  readonly player: Player;
  readonly timeline: Timeline;
  readonly chapters: readonly Chapter[];
  readonly t: number;
}

/** The chapters: pages as they looked when they were left, and who was asked in between. */
export function Contents({ player, timeline, chapters, t }: ContentsProps) {
  const list = useRef<HTMLOListElement>(null);
  const { from, to } = player.span();
  const current = pageAt(chapters, t);
  useEffect(() => bringIntoView(list.current?.children[current]), [current]);
  return (
    <ol ref={list} className={styles.list}>
      {chapters.map((chapter, i) => (
        <li key={`${chapter.kind}${chapter.t}`}>
          <button
            type="button"
            className={styles.chapter}
            data-kind={chapter.kind}
            aria-current={i === current ? 'true' : undefined}
            onClick={() => player.seek(chapter.t)}
          >
            {chapter.kind === 'page' ? (
              <Thumbnail timeline={timeline} chapter={chapter} until={endOf(chapters, i, to)} />
            ) : chapter.kind === 'hand' ? (
              <Hand aria-hidden size={20} />
            ) : (
              <Mic aria-hidden size={20} />
            )}
            <Label chapter={chapter} />
            <time>{clockText(chapter.t - from)}</time>
          </button>
        </li>
      ))}
    </ol>
  );
}

function Label({ chapter }: { chapter: Chapter }) {
  const { say, name } = useWords();
  if (chapter.kind === 'page') return <span>{say('chapterPage', { number: chapter.number })}</span>;
  const key = chapter.kind === 'hand' ? 'chapterHand' : 'chapterCall';
  return <span>{say(key, { name: name(chapter.name) })}</span>;
}

interface ThumbnailProps {
  readonly timeline: Timeline;
  readonly chapter: PageChapter;
  readonly until: number;
}

function Thumbnail({ timeline, chapter, until }: ThumbnailProps) {
  return <PageThumbnail read={() => pageOf(timeline.at(until).board, chapter.page)} />;
}

/** When the page of chapter `i` was left, or the lesson ended. */
function endOf(chapters: readonly Chapter[], i: number, to: number): number {
  const next = chapters.find((chapter, at) => at > i && chapter.kind === 'page');
  return next ? next.t - 1 : to;
}
