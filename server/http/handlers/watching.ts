import { Id, type Localised } from '../../../protocol/common.ts';
import { TongkeError } from '../../../protocol/errors.ts';
import { partIn } from '../../../protocol/roles.ts';
import type { Question } from '../../../protocol/watching.ts';
import { subjectOf } from '../../auth/auth.ts';
import { namesOf } from '../../store/accounts.ts';
import {
  answerQuestion,
  askQuestion,
  deleteNote,
  deleteQuestion,
  type KeptQuestion,
  notesOf,
  progressIn,
  progressOf,
  putNote,
  questionsIn,
  reportProgress,
} from '../../store/watching.ts';
import type { RouteContext, RouteHandlers } from '../api.ts';
import { accountOf, lessonOf } from './lessons.ts';

type Names =
  | `watching.${'show' | 'report' | 'viewers'}`
  | `note.${'put' | 'delete'}`
  | `question.${'ask' | 'answer' | 'delete'}`;

export function watchingRoutes(): Pick<RouteHandlers, Names> {
  return {
    'watching.show': async (context) => {
      const { lesson, account } = placeOf(context);
      const leads = partIn(lessonOf(context).members, subjectOf(accountOf(context))) === 'lead';
      const [progress, notes, questions] = await Promise.all([
        progressOf(lesson, account),
        notesOf(lesson, account),
        questionsIn(lesson, leads ? undefined : account),
      ]);
      return {
        position: progress && { t: progress.t, at: progress.at },
        watched: [...(progress?.watched ?? [])],
        notes,
        questions: await named(questions),
      };
    },

    'watching.report': async (context, report) => {
      const { lesson, account } = placeOf(context);
      await reportProgress(lesson, account, report);
      return {};
    },

    /** The class, and nobody besides: whoever else looks in (an observer, a technician) is no pupil's business. */
    'watching.viewers': async (context) => {
      const { id, members } = lessonOf(context);
      const [progress, names] = await Promise.all([progressIn(id), namesOf(members.students)]);
      const of = new Map(progress.map((one) => [one.account, one]));
      return {
        viewers: members.students.map((student) => ({
          id: student,
          name: names.get(student) ?? UNKNOWN,
          watched: [...(of.get(student)?.watched ?? [])],
          at: of.get(student)?.at ?? null,
        })),
      };
    },

    'note.put': async (context, note) => {
      const { lesson, account } = placeOf(context);
      return putNote(lesson, account, note);
    },

    'note.delete': async (context) => {
      const { lesson, account } = placeOf(context);
      await deleteNote(lesson, account, idOf(context, 'note'));
      return {};
    },

    'question.ask': async (context, question) => {
      const { lesson, account } = placeOf(context);
      return oneNamed(await askQuestion(lesson, account, question));
    },

    'question.answer': async (context, { text }) => {
      const { lesson } = placeOf(context);
      return oneNamed(await answerQuestion(lesson, idOf(context, 'question'), text));
    },

    'question.delete': async (context) => {
      const { lesson, account } = placeOf(context);
      await deleteQuestion(lesson, account, idOf(context, 'question'));
      return {};
    },
  };
}

/** Stands for someone whose account is gone. */
const UNKNOWN: Localised = { 'zh-CN': '—' };

function placeOf(context: RouteContext): { lesson: string; account: string } {
  return { lesson: lessonOf(context).id, account: accountOf(context).id };
}

function idOf({ request }: RouteContext, name: 'note' | 'question'): string {
  const id = Id.safeParse(request.params[name]);
  if (!id.success) throw new TongkeError('not_found');
  return id.data;
}

async function named(questions: readonly KeptQuestion[]): Promise<Question[]> {
  const names = await namesOf(questions.map(({ account }) => account));
  return questions.map(({ account, ...question }) => ({
    ...question,
    by: account,
    name: names.get(account) ?? UNKNOWN,
  }));
}

async function oneNamed(question: KeptQuestion): Promise<Question> {
  const [found] = await named([question]);
  if (!found) throw new TongkeError('not_found');
  return found;
}
