import type { Deletion } from '../../replays/deletion.ts';
import { writeAudit } from '../../store/audit.ts';
import type { RouteHandlers } from '../api.ts';
import { accountOf, lessonOf } from './lessons.ts';

export function storageRoutes({
  deletion,
}: {
  readonly deletion: Pick<Deletion, 'delete'>;
}): Pick<RouteHandlers, 'replay.delete'> {
  return {
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
