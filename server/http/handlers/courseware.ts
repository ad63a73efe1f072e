import { Id } from '../../../protocol/common.ts';
import { TongkeError } from '../../../protocol/errors.ts';
import type { CoursewareService } from '../../courseware/service.ts';
import type { EarlierBoards } from '../../lessons/earlier-boards.ts';
import type { RouteContext, RouteHandlers } from '../api.ts';
import { accountOf, lessonOf } from './lessons.ts';

type CoursewareRoutes = Pick<
  RouteHandlers,
  | 'courseware.list'
  | 'courseware.add'
  | 'courseware.retry'
  | 'courseware.delete'
  | 'board.earlier'
  | 'board.bring'
>;

export function coursewareRoutes(courseware: CoursewareService, boards: EarlierBoards): CoursewareRoutes {
  return {
    'courseware.list': async (context) => ({
      courseware: await courseware.list(lessonOf(context).id),
      slides: courseware.slides,
    }),

    'courseware.add': async (context, { name, bytes, after = null }) => {
      const { id: lesson, state } = lessonOf(context);
      if (state === 'ended') throw new TongkeError('lesson_ended');
      const { id: by, school } = accountOf(context);
      return { id: await courseware.add({ lesson, school: school.id, by, name, bytes, after }) };
    },

    'courseware.retry': async (context) => {
      await courseware.retry(lessonOf(context).id, coursewareOf(context));
      return {};
    },

    'courseware.delete': async (context) => {
      await courseware.remove(lessonOf(context).id, coursewareOf(context));
      return {};
    },

    'board.earlier': async (context) => ({ lessons: await boards.list(lessonOf(context)) }),

    'board.bring': async (context, { from, after }) => ({
      pages: await boards.bring(lessonOf(context), from, accountOf(context).id, after),
    }),
  };
}

function coursewareOf({ request }: RouteContext): string {
  const id = Id.safeParse(request.params.courseware);
  if (!id.success) throw new TongkeError('not_found');
  return id.data;
}
