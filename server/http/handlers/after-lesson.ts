import type { Request } from 'express';
import { CAPTION_TRACKS } from '../../../protocol/api-replays.ts';
import { TongkeError } from '../../../protocol/errors.ts';
import { subjectOf } from '../../auth/auth.ts';
import type { LessonRecords } from '../../lessons/record.ts';
import type { Archives } from '../../replays/archive.ts';
import type { ReplayEditor } from '../../replays/editor.ts';
import type { Merger } from '../../replays/merger.ts';
import { presentCaptions, type ReplayReader } from '../../replays/reader.ts';
import type { Shares } from '../../replays/shares.ts';
import { shownEdit } from '../../replays/shown-edit.ts';
import { parseVtt } from '../../replays/webvtt.ts';
import { writeAudit } from '../../store/audit.ts';
import { neighboursOf } from '../../store/lessons.ts';
import {
  addCaptions,
  attach,
  attachedTo,
  countCaptions,
  nextLesson,
  removeCaptions,
  revokeShare,
} from '../../store/replays.ts';
import type { RouteContext, RouteHandlers } from '../api.ts';
import { authoriseLesson } from '../authorise.ts';
import { rememberShare } from '../shared.ts';
import { accountOf, lessonOf } from './lessons.ts';

type Name =
  | 'replay.erase'
  | 'archive.show'
  | `edit.${'show' | 'save' | 'publish' | 'attach' | 'attachment' | 'neighbours' | 'merge'}`
  | `captions.${'add' | 'show' | 'remove'}`
  | `share.${'list' | 'make' | 'revoke' | 'open'}`;

export interface AfterLessonOptions {
  readonly reader: ReplayReader;
  readonly editor: ReplayEditor;
  readonly shares: Shares;
  readonly archives: Archives;
  readonly merger: Merger;
  readonly records: LessonRecords;
}

/** A lesson that broke off is taught on the same day. */
const NEAR_MS = 86_400_000;

/** What a teacher does with a replay. Every act that changes something is written down, with who did it. */
export function afterLessonRoutes(options: AfterLessonOptions): Pick<RouteHandlers, Name> {
  return { ...editRoutes(options), ...captionRoutes(options), ...shareRoutes(options) };
}

function editRoutes({
  reader,
  editor,
  archives,
  merger,
  records,
}: AfterLessonOptions): Pick<
  RouteHandlers,
  'replay.erase' | 'archive.show' | Extract<Name, `edit.${string}`>
> {
  return {
    'edit.show': (context) => editor.show(lessonOf(context)),
    'edit.save': async (context, { revision, edit }) => {
      const edited = await editor.save(lessonOf(context), revision, edit);
      await written(context, 'edit.save');
      return edited;
    },
    'edit.publish': async (context, { audience }) => {
      await editor.publish(lessonOf(context).id, audience);
      await written(context, `edit.publish ${audience}`);
      return {};
    },
    'edit.attachment': async (context) => ({ to: await attachedTo(lessonOf(context).id) }),
    'edit.attach': async (context, { attached }) => {
      const lesson = lessonOf(context).id;
      const next = attached ? await nextLesson(lesson) : null;
      if (attached && !next) throw new TongkeError('not_found', 'The course has no further lesson.');
      await attach(lesson, next?.lesson ?? null);
      await written(context, attached ? 'edit.attach' : 'edit.detach');
      return { to: next };
    },
    'edit.neighbours': async (context) => {
      const found = await neighboursOf(lessonOf(context), NEAR_MS);
      const recordings = await Promise.all(found.map(({ id }) => reader.recording(id)));
      const recorded = found.filter((_, i) => recordings[i]);
      return { lessons: recorded.map(({ id, title, startsAt }) => ({ lesson: id, title, startsAt })) };
    },
    'edit.merge': async (context, input) => {
      // The other one is asked for as this one was.
      const subject = subjectOf(accountOf(context));
      const other = await authoriseLesson(records, subject, 'replay.edit', input.with);
      const lesson = await merger.merge(lessonOf(context), other);
      await written(context, `edit.merge ${other.id}`);
      return { lesson };
    },
    'archive.show': async (context) => {
      const size = await archives.sizeOf(lessonOf(context));
      return { bytes: size?.bytes ?? null, exact: size?.exact ?? false };
    },
    'replay.erase': async (context) => {
      await editor.erase(lessonOf(context).id);
      await written(context, 'replay.erase');
      return {};
    },
  };
}

function captionRoutes({
  reader,
  editor,
}: AfterLessonOptions): Pick<RouteHandlers, Extract<Name, `captions.${string}`>> {
  return {
    'captions.add': async (context, { language, label, vtt }) => {
      const record = lessonOf(context);
      const from = await reader.beginning(record);
      const cues = parseVtt(vtt).map((cue) => ({ ...cue, from: cue.from + from, to: cue.to + from }));
      const captions = { lesson: record.id, language, label, cues };
      const id = await addCaptions(captions);
      // Counted afterwards: of many at once none is one too many.
      if ((await countCaptions(record.id)) > CAPTION_TRACKS) {
        await removeCaptions(record.id, id);
        throw new TongkeError('captions_too_many');
      }
      await editor.outdate(record.id);
      await written(context, 'captions.add');
      return presentCaptions({ ...captions, _id: id }, (await shownEdit(record.id)).edit);
    },
    'captions.show': async (context) => {
      const { cues } = await reader.cues(lessonOf(context).id, parameter(context, 'track'));
      return { cues };
    },
    'captions.remove': async (context) => {
      const removed = await removeCaptions(lessonOf(context).id, parameter(context, 'track'));
      if (!removed) throw new TongkeError('not_found');
      await editor.outdate(lessonOf(context).id);
      await written(context, 'captions.remove');
      return {};
    },
  };
}

function shareRoutes({ shares }: AfterLessonOptions): Pick<RouteHandlers, Extract<Name, `share.${string}`>> {
  return {
    'share.list': async (context) => ({ shares: await shares.list(lessonOf(context).id) }),
    'share.make': async (context, wanted) => {
      const made = await shares.make(lessonOf(context).id, accountOf(context).id, wanted);
      await written(context, 'share.make');
      return made;
    },
    'share.revoke': async (context) => {
      const revoked = await revokeShare(lessonOf(context).id, parameter(context, 'share'));
      if (!revoked) throw new TongkeError('not_found');
      await written(context, 'share.revoke');
      return {};
    },
    'share.open': async ({ request }, { token }) => {
      const { id, lesson } = await shares.open(token, request.ip ?? '');
      await rememberShare(request, id);
      await writeAudit({ action: 'share.open', target: lesson, outcome: id, address: request.ip });
      return { lesson };
    },
  };
}

function parameter({ request }: { request: Request }, name: string): string {
  const value = request.params[name];
  return typeof value === 'string' ? value : '';
}

async function written(context: RouteContext, action: string): Promise<void> {
  const { id } = accountOf(context);
  const { ip: address } = context.request;
  await writeAudit({ actor: id, action, target: lessonOf(context).id, outcome: 'ok', address });
}
