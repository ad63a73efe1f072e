import { useTranslation } from 'react-i18next';
import type { Replay } from '../../../protocol/replay.ts';
import { shareOf, type Viewer } from '../../../protocol/watching.ts';
import { useQuery } from '../../api.ts';
import { useDayNames } from '../../ui/time.ts';
import { useErrorText } from '../../ui/useErrorText.ts';
import panel from '../SidePanel.module.css';
import { useWords } from '../texts.ts';
import styles from './Notes.module.css';

/** While a teacher looks at it, ms. */
const REFRESH_MS = 30_000;

/** For the teacher: which parts of the lesson each student has watched. A list, by name; no ranks, no colours of praise. */
export function ClassList({ replay }: { readonly replay: Replay }) {
  const { data, error } = useQuery('watching.viewers', {
    params: { lesson: replay.lesson },
    every: REFRESH_MS,
  });
  const { say } = useWords();
  const { t } = useTranslation();
  const errorText = useErrorText();
  if (!data) return <p className={panel.empty}>{error ? errorText(error) : t('state.loading')}</p>;
  if (data.viewers.length === 0) return <p className={panel.empty}>{say('classEmpty')}</p>;
  return (
    <div className={styles.notes}>
      <p className={styles.intro}>{say('classIntro')}</p>
      <ul className={panel.list}>
        {data.viewers.map((viewer) => (
          <li key={viewer.id} className={styles.viewer}>
            <ViewerRow viewer={viewer} replay={replay} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function ViewerRow({ viewer: { name, watched, at }, replay }: { viewer: Viewer; replay: Replay }) {
  const words = useWords();
  const { day } = useDayNames();
  const { from, to } = replay;
  const share = (t: number): string =>
    `${(((Math.min(Math.max(t, from), to) - from) / Math.max(1, to - from)) * 100).toFixed(2)}%`;
  const percent = Math.round(shareOf(watched, from, to) * 100);
  return (
    <>
      <span>{words.name(name)}</span>
      <span className={styles.hint}>
        {at === null ? words.say('classNotBegun') : words.say('classShare', { percent, day: day(at) })}
      </span>
      <span className={styles.parts} aria-hidden="true">
        {watched.map(([begin, end]) => (
          <i
            key={begin}
            style={{ insetInlineStart: share(begin), insetInlineEnd: `calc(100% - ${share(end)})` }}
          />
        ))}
      </span>
    </>
  );
}
