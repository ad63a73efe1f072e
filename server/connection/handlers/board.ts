import { markOf, pageOf } from '../../../protocol/board.ts';
import { TongkeError } from '../../../protocol/errors.ts';
import type { LessonEvent } from '../../../protocol/events.ts';
import type { Context, Handlers } from '../context.ts';

async function publish({ open, subject, op }: Context, event: LessonEvent): Promise<{ seq?: number }> {
  const seq = await open.lesson.publish(event, { actor: subject.id, op });
  return seq > 0 ? { seq } : {};
}

/** A guest at the board touches nothing but what is their own; the lead, everything. */
function ownOnly<T>({ open, subject }: Context, page: string, marks: T[], idOf: (mark: T) => string): T[] {
  if (open.record.members.lead === subject.id) return marks;
  const found = pageOf(open.lesson.state().board, page);
  const own = marks.filter((mark) => {
    const known = found && markOf(found, idOf(mark));
    return !known || known.by === subject.id; // what is not there yet may be on its way to the journal, and is theirs
  });
  if (own.length === 0) throw new TongkeError('forbidden');
  return own;
}

export const boardHandlers = {
  'page.add': (context, input) => publish(context, { type: 'page.added', ...input }),
  'page.turn': (context, input) => publish(context, { type: 'page.turned', ...input }),
  'page.copy': (context, input) => publish(context, { type: 'page.copied', ...input }),
  'page.move': (context, input) => publish(context, { type: 'page.moved', ...input }),
  'page.remove': (context, input) => publish(context, { type: 'page.removed', ...input }),
  'ink.draw': (context, input) => publish(context, { type: 'ink.drawn', ...input }),
  'ink.erase': (context, input) =>
    publish(context, {
      type: 'ink.erased',
      ...input,
      strokes: ownOnly(context, input.page, input.strokes, (id) => id),
    }),
  'ink.cut': (context, input) =>
    publish(context, {
      type: 'ink.cut',
      ...input,
      strokes: ownOnly(context, input.page, input.strokes, ({ stroke }) => stroke),
    }),
  'ink.clear': (context, input) => publish(context, { type: 'ink.cleared', ...input }),
  'ink.undo': (context, input) => publish(context, { type: 'ink.undone', ...input }),
  'ink.redo': (context, input) => publish(context, { type: 'ink.redone', ...input }),
  'item.add': (context, input) => publish(context, { type: 'item.added', ...input }),
  'item.change': (context, input) => {
    ownOnly(context, input.page, [input.item], (id) => id);
    return publish(context, { type: 'item.changed', ...input });
  },
  'marks.move': (context, input) =>
    publish(context, {
      type: 'marks.moved',
      ...input,
      marks: ownOnly(context, input.page, input.marks, (id) => id),
    }),
  'marks.copy': (context, input) => publish(context, { type: 'marks.copied', ...input }),
  'marks.order': (context, input) =>
    publish(context, {
      type: 'marks.ordered',
      ...input,
      marks: ownOnly(context, input.page, input.marks, (id) => id),
    }),
  'page.view': async (context, input) => {
    await publish(context, { type: 'page.viewed', ...input });
    return {};
  },
  'ink.veil': async (context, input) => {
    await publish(context, { type: 'ink.veiled', ...input });
    return {};
  },
  'writers.change': async (context, input) => {
    await publish(context, { type: 'writers.changed', ...input });
    return {};
  },
  'laser.move': async (context, input) => {
    await publish(context, { type: 'laser.moved', ...input });
    return {};
  },
  'chat.say': (context, input) => publish(context, { type: 'chat.said', ...input }),
} satisfies Partial<Handlers>;
