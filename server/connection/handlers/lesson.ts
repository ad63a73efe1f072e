import { toBase64url } from '../../../protocol/base64.ts';
import { own } from '../../../protocol/common.ts';
import { EntriesEncoder } from '../../../protocol/entries-line.ts';
import { TongkeError } from '../../../protocol/errors.ts';
import type { LogEntry } from '../../../protocol/events.ts';
import type { LinkQuality } from '../../../protocol/requests.ts';
import { partIn } from '../../../protocol/roles.ts';
import type { Handlers } from '../context.ts';

/**
 * Bytes of entries: half a minute of writing, and under a second of a link of 64 kbit/s. Longer answers hold back the pings
 * behind them, by which both ends know that the line lives, and are lost whole where it breaks.
 */
const ENTRIES_ROOM = 5_000;

export const lessonHandlers = {
  'lesson.join': async ({ open, subject, user, lessons, enter }, { since, parts, resync }) => {
    const part = partIn(open.record.members, subject);
    if (!part) throw new TongkeError('forbidden');
    const described = await lessons.describe(subject);
    enter(open);
    await open.attendance.arrive({ id: subject.id, part, ...described }, user.connection);
    if (resync && part !== 'observer') await open.resyncs.tell({ participant: subject.id, ...resync });
    const { snapshot, entries } = open.lesson.catchUp(since);
    const first = parts ? firstOf(entries) : entries;
    return {
      you: { participant: subject.id, part },
      now: open.lesson.now(),
      ...(snapshot && parts ? open.boards.begin(snapshot) : { snapshot }),
      ...(parts && first.length > 0
        ? { entries: [], missed: toBase64url(new EntriesEncoder().encode(first)) }
        : { entries: [...first] }),
      ...(first.length < entries.length && { more: true }),
    };
  },
  'lesson.parts': async ({ open }, { of, wants, room }) => open.boards.parts(of, wants, room),
  'lesson.leave': async ({ leave }) => {
    leave();
    return {};
  },
  'lesson.start': async ({ open, subject, lessons }) => {
    await lessons.start(open, subject.id);
    return {};
  },
  'lesson.pause': async ({ open, subject }) => {
    if (open.lesson.state().phase !== 'live') throw new TongkeError('lesson_not_started');
    await open.lesson.publish({ type: 'lesson.paused' }, { actor: subject.id });
    await open.media.letThroughAll();
    return {};
  },
  'lesson.resume': async ({ open, subject }) => {
    if (open.lesson.state().phase === 'ready') throw new TongkeError('lesson_not_started');
    await open.lesson.publish({ type: 'lesson.resumed' }, { actor: subject.id });
    await open.media.letThroughAll();
    return {};
  },
  'lesson.end': async ({ open, subject, lessons }) => {
    await lessons.end(open, 'teacher', subject.id);
    return {};
  },
  'link.report': async ({ open, subject, reportLink }, report) => {
    reportLink(qualityOf(report.roundTripMs, report.loss));
    open.media.linkReported(subject.id, report);
    return {};
  },
  'link.choose': async ({ open, subject }, { choice }) => {
    const { rung = 'ink', ceilingKbps, allowed } = own(open.lesson.state().people, subject.id) ?? {};
    await open.lesson.publish(
      { type: 'link.changed', participant: subject.id, rung, choice, ceilingKbps, allowed },
      { actor: subject.id },
    );
    await open.media.limitsChanged(subject.id);
    return {};
  },
} satisfies Partial<Handlers>;

/** One at least. */
function firstOf(entries: readonly LogEntry[]): readonly LogEntry[] {
  let room = ENTRIES_ROOM;
  const beyond = entries.findIndex((entry, i) => {
    room -= bytesOf(entry);
    return room < 0 && i > 0;
  });
  return beyond < 0 ? entries : entries.slice(0, beyond);
}

/** About what it takes on the line (protocol/entries-line.ts): ink little more than its points. */
function bytesOf({ event, ...entry }: LogEntry): number {
  if (event.type === 'ink.drawn' || event.type === 'laser.moved') return 10 + (event.data.length * 3) / 4;
  return JSON.stringify({ ...entry, event }).length;
}

/**
 * In the words of the teacher's screen. A satellite's 600 ms is fair as long as little is lost: voice holds there;
 * above 5% loss or a second and a half of round trip, sentences start to go missing.
 */
function qualityOf(roundTripMs: number, loss: number): LinkQuality {
  if (roundTripMs > 1_500 || loss > 0.05) return 'poor';
  return roundTripMs > 300 || loss > 0.01 ? 'fair' : 'good';
}
