import type { SchoolSpace } from '../../../protocol/api-storage.ts';
import { Id } from '../../../protocol/common.ts';
import type { RecordingsApi } from '../../../protocol/recording.ts';
import { schoolsServed } from '../../../protocol/roles.ts';
import { subjectOf } from '../../auth/auth.ts';
import type { Deletion } from '../../replays/deletion.ts';
import { spaceOf } from '../../replays/space.ts';
import { writeAudit } from '../../store/audit.ts';
import { setStorageRules, storageRules } from '../../store/school-storage.ts';
import type { RouteHandlers } from '../api.ts';
import { accountOf, lessonOf } from './lessons.ts';

export interface StorageOptions {
  readonly deletion: Pick<Deletion, 'delete'>;
  readonly recordings: Pick<RecordingsApi, 'disk' | 'space'>;
}

export function storageRoutes({
  deletion,
  recordings,
}: StorageOptions): Pick<RouteHandlers, 'replay.delete' | `storage.${'disk' | 'show' | 'rule'}`> {
  return {
    'storage.disk': () => recordings.disk(),

    'storage.show': async (context) => {
      const schools: SchoolSpace[] = [];
      for (const school of await storageRules(schoolsServed(subjectOf(accountOf(context)))))
        schools.push({ ...school, ...(await spaceOf(recordings, school.id)) });
      schools.sort((a, b) => totalOf(b) - totalOf(a));
      return { disk: await recordings.disk(), schools };
    },

    'storage.rule': async (context, rules) => {
      const school = Id.parse(context.request.params.school);
      await setStorageRules(school, rules);
      const { ip: address } = context.request;
      const actor = accountOf(context).id;
      await writeAudit({
        actor,
        action: 'storage.rule',
        target: school,
        outcome: JSON.stringify(rules),
        address,
      });
      return {};
    },

    'replay.delete': async (context) => {
      const record = lessonOf(context);
      const complete = await deletion.delete(record);
      const outcome = complete ? 'ok' : 'begun';
      const { ip: address } = context.request;
      const actor = accountOf(context).id;
      await writeAudit({ actor, action: 'replay.delete', target: record.id, outcome, address });
      return { complete };
    },
  };
}

function totalOf({ voice, picture, tracks, courseware }: SchoolSpace): number {
  return voice + picture + tracks + courseware;
}
