import { own } from '../../../protocol/common.ts';
import { TongkeError } from '../../../protocol/errors.ts';
import type { LessonEvent } from '../../../protocol/events.ts';
import type { Context, Handlers } from '../context.ts';

/** Whom the lead names must be in the lesson. */
function present({ open }: Context, participant: string): string {
  if (!own(open.lesson.state().people, participant)) throw new TongkeError('not_found');
  return participant;
}

async function publish({ open, subject }: Context, event: LessonEvent): Promise<Record<string, never>> {
  await open.lesson.publish(event, { actor: subject.id });
  return {};
}

export const stageHandlers = {
  'hand.raise': (context) => publish(context, { type: 'hand.raised', participant: context.subject.id }),
  'hand.lower': (context) => publish(context, { type: 'hand.lowered', participant: context.subject.id }),
  'stage.call': (context, input) =>
    publish(context, { type: 'stage.called', participant: present(context, input.participant) }),
  'stage.dismiss': async (context, input) => {
    const participant = present(context, input.participant);
    await publish(context, { type: 'stage.dismissed', participant });
    // Sent back means silent and unseen at once, whatever their device does.
    if (participant !== context.open.record.members.lead)
      await context.open.media.closeStreamsOf(participant);
    return {};
  },
  'stage.trouble': async (context, { trouble }) => {
    const participant = context.subject.id;
    const known = own(context.open.lesson.state().people, participant)?.trouble ?? null;
    return known === trouble ? {} : publish(context, { type: 'stage.troubled', participant, trouble });
  },
  'stage.mute': async (context, { participant, muted }) => {
    present(context, participant);
    await publish(context, { type: 'stage.muted', participant, muted });
    await context.open.media.letThroughAll();
    return {};
  },
} satisfies Partial<Handlers>;
