import { useMemo } from 'react';
import { Link, useSearchParams } from 'react-router';
import type { Replay } from '../../protocol/replay.ts';
import type { ReplayPart } from '../../protocol/replay-edit.ts';
import { classes } from '../ui/classes.ts';
import styles from './Contents.module.css';
import { clockText } from './format.ts';
import { useWords, type WatchWords } from './texts.ts';

const NAME = 'part';

/** The part of a divided lesson that the address names (`?part=2`); null: all of it. */
export function usePart({ parts }: Replay): ReplayPart | null {
  const [params] = useSearchParams();
  const part = parts?.[Number(params.get(NAME)) - 1];
  // Each manifest brings the same parts anew.
  const key = JSON.stringify(part ?? null);
  return useMemo(() => JSON.parse(key) as ReplayPart | null, [key]);
}

export function spanOf({ from, to }: ReplayPart): { from: number; to: number } {
  return { from, to };
}

/** Where to go on after a part; null after the last, and where the lesson is not divided. */
export function partAfter({ parts = [] }: Replay, to: number): string | null {
  const next = parts.findIndex(({ from }) => from === to);
  return next < 0 ? null : addressOf(next + 1);
}

function addressOf(number: number): string {
  return `?${NAME}=${number}`;
}

/** Of a divided lesson: all of it, and each part by itself. */
export function PartNames({ replay, part }: { replay: Replay; part: ReplayPart | null }) {
  const { say } = useWords();
  const { parts = [] } = replay;
  if (parts.length === 0) return null;
  return (
    <nav className={classes(styles.filters, styles.parts)} aria-label={say('parts')}>
      <Link to="?" replace className={styles.filter} aria-current={part === null ? 'page' : undefined}>
        {say('partsAll')}
      </Link>
      {parts.map((one, i) => (
        <Link
          key={one.from}
          to={addressOf(i + 1)}
          replace
          className={styles.filter}
          aria-current={one.from === part?.from ? 'page' : undefined}
        >
          {nameOf(one, i, say)} · {clockText(one.to - one.from)}
        </Link>
      ))}
    </nav>
  );
}

function nameOf({ title }: ReplayPart, index: number, say: WatchWords['say']): string {
  return title ?? say('partNumber', { number: index + 1 });
}
