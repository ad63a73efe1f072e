import type { LessonEvent } from '../../../protocol/events.ts';
import type { Context, Handlers } from '../context.ts';

async function publish({ open, subject, op }: Context, event: LessonEvent): Promise<{ seq?: number }> {
  const seq = await open.lesson.publish(event, { actor: subject.id, op });
  return seq > 0 ? { seq } : {};
}

export const boardHandlers = {
  'page.add': (context, input) => publish(context, { type: 'page.added', ...input }),
  'page.turn': (context, input) => publish(context, { type: 'page.turned', ...input }),
  'ink.draw': (context, input) => publish(context, { type: 'ink.drawn', ...input }),
  'ink.erase': (context, input) => publish(context, { type: 'ink.erased', ...input }),
  'ink.undo': (context, input) => publish(context, { type: 'ink.undone', ...input }),
  'ink.redo': (context, input) => publish(context, { type: 'ink.redone', ...input }),
  'laser.move': async (context, input) => {
    await publish(context, { type: 'laser.moved', ...input });
    return {};
  },
  'chat.say': (context, input) => publish(context, { type: 'chat.said', ...input }),
} satisfies Partial<Handlers>;
