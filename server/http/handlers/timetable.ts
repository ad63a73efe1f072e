import { Id } from '../../../protocol/common.ts';
import { TongkeError } from '../../../protocol/errors.ts';
import { writeAudit } from '../../store/audit.ts';
import { deleteSeries, listSeries, putSeries } from '../../store/timetable.ts';
import type { TimetableGenerator } from '../../timetable/generator.ts';
import type { RouteContext, RouteHandlers } from '../api.ts';
import { accountOf } from './lessons.ts';

export function timetableRoutes(
  generator: TimetableGenerator,
): Pick<RouteHandlers, 'timetable.list' | 'timetable.put' | 'timetable.delete'> {
  return {
    'timetable.list': async (context) => {
      const found = await listSeries(schoolOf(context));
      return { series: found.map(({ school: _school, ...series }) => series) };
    },

    'timetable.put': async (context, series) => {
      const id = await putSeries(schoolOf(context), series);
      if (id === null) throw new TongkeError('forbidden');
      await audit(context, 'timetable.put', id);
      return { id, lessons: await generator.follow({ ...series, id }) };
    },

    'timetable.delete': async (context) => {
      const school = schoolOf(context);
      const { series: id } = context.request.params;
      const series = (await listSeries(school)).find((one) => one.id === id);
      if (!series) throw new TongkeError('not_found');
      await deleteSeries(school, series.id);
      await audit(context, 'timetable.delete', series.id);
      await generator.forget(series);
      return {};
    },
  };
}

/** Who let rooms wake for which lessons; what was refused is written down by `audit.ts`. */
async function audit(context: RouteContext, action: string, target: string): Promise<void> {
  const { request } = context;
  await writeAudit({ actor: accountOf(context).id, action, target, outcome: 'ok', address: request.ip });
}

/** The school of a route with `:school`, for which the caller was authorised. */
function schoolOf({ request }: RouteContext): string {
  return Id.parse(request.params.school);
}
