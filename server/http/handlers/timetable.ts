import { Id } from '../../../protocol/common.ts';
import { TongkeError } from '../../../protocol/errors.ts';
import { deleteSeries, listSeries, putSeries } from '../../store/timetable.ts';
import type { TimetableGenerator } from '../../timetable/generator.ts';
import type { RouteContext, RouteHandlers } from '../api.ts';

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
      return { id, lessons: await generator.follow({ ...series, id }) };
    },

    'timetable.delete': async (context) => {
      const school = schoolOf(context);
      const { series: id } = context.request.params;
      const series = (await listSeries(school)).find((one) => one.id === id);
      if (!series) throw new TongkeError('not_found');
      await deleteSeries(school, series.id);
      await generator.forget(series);
      return {};
    },
  };
}

/** The school of a route with `:school`, for which the caller was authorised. */
function schoolOf({ request }: RouteContext): string {
  return Id.parse(request.params.school);
}
