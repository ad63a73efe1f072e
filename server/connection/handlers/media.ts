import { TongkeError } from '../../../protocol/errors.ts';
import { can } from '../../../protocol/roles.ts';
import type { Handlers } from '../context.ts';

export const mediaHandlers = {
  'media.join': async ({ open }) => ({ rtpCapabilities: await open.media.rtpCapabilities() }),
  'media.open': async ({ open, user, lessons }, options) => {
    const transport = await open.media.openTransport(user, options);
    const answer = {
      ...{ ...transport, iceServers: lessons.iceServers(user.participant) },
      ...(options.dtlsParameters && { isConnecting: true as const }),
    };
    if (options.direction === 'send' || !options.rtpCapabilities) return answer;
    const voices = open.media.voicesFor(user, transport.id).map(async (stream) => {
      try {
        const consumer = await open.media.consume(user, transport.id, stream);
        await open.media.receive(user, consumer.id, { paused: false });
        return { stream, consumer };
      } catch (error) {
        if (error instanceof TongkeError && error.code === 'stream_gone') return null; // it has just ended
        throw error;
      }
    });
    const flowing = (await Promise.all(voices)).filter((voice) => voice !== null);
    return { ...answer, voices: flowing };
  },
  'media.connect': async ({ open, user }, { transport, dtlsParameters }) => {
    await open.media.connectTransport(user, transport, dtlsParameters);
    return {};
  },
  'media.feed': ({ open, user }, { transport }) => open.media.openFeed(user, transport),
  'media.restart': async ({ open, user, lessons }, { transport }) => ({
    iceParameters: await open.media.restartIce(user, transport),
    // Those of when it was opened may be over.
    iceServers: lessons.iceServers(user.participant),
  }),
  'media.produce': async ({ open, subject, user }, { transport, rtpParameters, ...what }) => {
    if (open.lesson.state().phase === 'ready') throw new TongkeError('lesson_not_started');
    const { members } = open.record;
    // Asked again when the stream is there: they may have been sent back meanwhile.
    const may = () => can(subject, 'lesson.speak', { members, state: open.lesson.state() });
    return { stream: await open.media.produce(user, transport, what, rtpParameters, may) };
  },
  'media.hold': async ({ open, user }, { stream, held }) => {
    await open.media.hold(user, stream, held);
    return {};
  },
  'media.close': async ({ open, user }, { stream }) => {
    await open.media.closeOwn(user, stream);
    return {};
  },
  'media.consume': async ({ open, user }, { transport, stream, rtpCapabilities, flowing }) => {
    const options = await open.media.consume(user, transport, stream, rtpCapabilities);
    if (flowing) await open.media.receive(user, options.id, { paused: false });
    return options;
  },
  'media.receive': async ({ open, user }, { consumer, ...want }) => {
    await open.media.receive(user, consumer, want);
    return {};
  },
} satisfies Partial<Handlers>;
