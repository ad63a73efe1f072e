import { can, partIn } from '../../../protocol/roles.ts';
import { subjectOf } from '../../auth/auth.ts';
import { pageFilesOf } from '../../replays/page-files.ts';
import { entriesAfter, type ReplayReader } from '../../replays/reader.ts';
import { mergedOf } from '../../store/lessons.ts';
import { wordsOn } from '../../store/page-words.ts';
import type { RouteContext, RouteHandlers } from '../api.ts';
import { lessonOf } from './lessons.ts';

type Watching = 'replay.show' | 'replay.log' | 'replay.words' | 'replay.original' | 'replay.originalLog';

export function replayRoutes(reader: ReplayReader): Pick<RouteHandlers, Watching> {
  return {
    'replay.show': async (context) => {
      const { members } = lessonOf(context);
      const subject = context.account && subjectOf(context.account);
      const replay = await reader.manifest(
        lessonOf(context),
        partOf(context),
        can(subject, 'replay.edit', { members }),
      );
      const deletable = !replay.live && can(subject, 'replay.delete', { members });
      const merged = deletable ? await mergedOf(replay.lesson) : [];
      return {
        ...replay,
        deletable,
        ...(merged.length > 0 && { merged: merged.map(({ id, title }) => ({ lesson: id, title })) }),
        original: can(subject, 'replay.original', { members })
          ? await reader.hidden(lessonOf(context))
          : undefined,
      };
    },
    'replay.log': async (context, { after }) => ({
      entries: entriesAfter(await reader.log(lessonOf(context)), after),
    }),
    'replay.words': async (context) => {
      const record = lessonOf(context);
      const files = await pageFilesOf(record.id, await reader.log(record));
      return { pages: await wordsOn(files.map(({ sha256 }) => sha256)) };
    },
    'replay.original': async (context) => reader.original(lessonOf(context), partOf(context)),
    'replay.originalLog': async (context) => ({
      entries: [...(await reader.originalLog(lessonOf(context)))],
    }),
  };
}

/** Whoever may watch without belonging to the lesson watches as an observer does. */
function partOf(context: RouteContext) {
  const { account } = context;
  return (account && partIn(lessonOf(context).members, subjectOf(account))) ?? 'observer';
}
