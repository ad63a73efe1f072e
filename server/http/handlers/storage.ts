import type { SchoolSpace } from '../../../protocol/api-storage.ts';
import { Id } from '../../../protocol/common.ts';
import type { RecordingsApi } from '../../../protocol/recording.ts';
import { schoolsServed } from '../../../protocol/roles.ts';
import { NEARLY_FULL } from '../../../protocol/storage-rules.ts';
import { subjectOf } from '../../auth/auth.ts';
import type { Deletion } from '../../replays/deletion.ts';
import type { Quotas } from '../../replays/quotas.ts';
import { bytesOf, damagedIn, spaceOf } from '../../replays/space.ts';
import { writeAudit } from '../../store/audit.ts';
import { bytesUsed } from '../../store/courseware.ts';
import { setStorageRules, storageRules } from '../../store/school-storage.ts';
import type { RouteContext, RouteHandlers } from '../api.ts';
import { accountOf, lessonOf } from './lessons.ts';

export interface StorageOptions {
  readonly deletion: Pick<Deletion, 'delete'>;
  readonly quotas: Pick<Quotas, 'shareOf' | 'weigh'>;
  readonly recordings: Pick<RecordingsApi, 'disk' | 'space' | 'damage' | 'tryAgain'>;
}

export function storageRoutes({
  deletion,
  quotas,
  recordings,
}: StorageOptions): Pick<
  RouteHandlers,
  `replay.${'again' | 'delete'}` | `storage.${'disk' | 'show' | 'rule'}`
> {
  return {
    'storage.disk': async (context) => {
      const schools = (await schoolsOf(context)).flatMap(({ id, name }) => {
        const share = quotas.shareOf(id) ?? 0;
        return share < NEARLY_FULL ? [] : [{ id, name, share }];
      });
      const outcomes = recordings.damage().map(({ outcome }) => outcome);
      const [lost, failed] = [outcomes.includes('lost'), outcomes.includes('failed')];
      return { ...(await recordings.disk()), lost, failed, schools };
    },

    'storage.show': async (context) => {
      const schools: SchoolSpace[] = [];
      for (const school of await schoolsOf(context)) {
        const courseware = await bytesUsed(school.id);
        const damaged = await damagedIn(school.id, recordings.damage());
        schools.push({ ...school, ...(await spaceOf(recordings, school.id)), courseware, damaged });
      }
      schools.sort((a, b) => bytesOf(b) + b.courseware - bytesOf(a) - a.courseware);
      return { disk: await recordings.disk(), schools };
    },

    'storage.rule': async (context, rules) => {
      const school = Id.parse(context.request.params.school);
      await setStorageRules(school, rules);
      await quotas.weigh();
      await written(context, 'storage.rule', school, JSON.stringify(rules));
      return {};
    },

    'replay.again': async (context) => {
      const record = lessonOf(context);
      const trying = await recordings.tryAgain(record.id);
      await written(context, 'replay.again', record.id, trying ? 'ok' : 'nothing_left');
      return { trying };
    },

    'replay.delete': async (context) => {
      const record = lessonOf(context);
      const complete = await deletion.delete(record);
      void quotas.weigh();
      await written(context, 'replay.delete', record.id, complete ? 'ok' : 'begun');
      return { complete };
    },
  };
}

function schoolsOf(context: RouteContext) {
  return storageRules(schoolsServed(subjectOf(accountOf(context))));
}

async function written(
  context: RouteContext,
  action: string,
  target: string,
  outcome: string,
): Promise<void> {
  const { ip: address } = context.request;
  await writeAudit({ actor: accountOf(context).id, action, target, outcome, address });
}
