import { Id } from '../../../protocol/common.ts';
import { schoolsServed } from '../../../protocol/roles.ts';
import { subjectOf } from '../../auth/auth.ts';
import type { Lessons } from '../../lessons/lessons.ts';
import { writeAudit } from '../../store/audit.ts';
import { schoolCeiling, schoolCeilings, setSchoolCeiling } from '../../store/ceilings.ts';
import type { RouteHandlers } from '../api.ts';
import { accountOf } from './lessons.ts';
import { roomOf } from './rooms.ts';

export function linkRoutes(
  lessons: Lessons,
): Pick<RouteHandlers, 'room.link' | 'school.ceilings' | 'school.limit'> {
  return {
    'room.link': async (context) => {
      const { id, school } = roomOf(context);
      const [receiving, ofSchool] = await Promise.all([lessons.receiving(id), schoolCeiling(school)]);
      return { receiving, school: ofSchool, nowKbps: lessons.ceilings.kbps(id) };
    },

    'school.ceilings': async (context) => ({
      schools: await schoolCeilings(schoolsServed(subjectOf(accountOf(context)))),
    }),

    'school.limit': async (context, { ceiling }) => {
      const { request } = context;
      const school = Id.parse(request.params.school);
      await setSchoolCeiling(school, ceiling);
      await lessons.ceilings.changed();
      const actor = accountOf(context).id;
      const address = request.ip;
      await writeAudit({ actor, action: 'school.limit', target: school, outcome: 'ok', address });
      return {};
    },
  };
}
