import type { LessonState } from '../../protocol/lesson.ts';
import { isAtLeast } from '../../protocol/link.ts';

/** What the links of a lesson ask of a voice. */
export interface Audience {
  /** Someone's link carries a voice and hardly anything else: they need it once more, thinner. Asked of the lead alone. */
  readonly needsThin: boolean;
  /** Everyone who listens has room for a better one. */
  readonly isGood: boolean;
  /** One's own link is such a one. */
  readonly takesThin: boolean;
  /** One's own link is known to carry more. */
  readonly takesMore: boolean;
}

export const NOBODY: Audience = { needsThin: false, isGood: false, takesThin: false, takesMore: false };

export function audienceOf({ people }: Pick<LessonState, 'people'>, you: string | undefined): Audience {
  const self = people[you ?? ''];
  const listeners = Object.values(people).filter(({ id, online }) => online && id !== you);
  return {
    needsThin: self?.part === 'lead' && listeners.some(({ rung }) => rung === 'voice'),
    isGood:
      listeners.length > 0 &&
      listeners.every(({ rung, choice, ceilingKbps }) => {
        const unlimited = (choice ?? 'all') === 'all' && ceilingKbps === undefined;
        return unlimited && rung !== undefined && isAtLeast(rung, 'picture');
      }),
    takesThin: self?.rung === 'voice',
    takesMore: self?.rung !== undefined && self.rung !== 'voice',
  };
}

export function sameAudience(a: Audience, b: Audience): boolean {
  return (
    a.needsThin === b.needsThin &&
    a.isGood === b.isGood &&
    a.takesThin === b.takesThin &&
    a.takesMore === b.takesMore
  );
}
