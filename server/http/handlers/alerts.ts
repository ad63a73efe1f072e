import { schoolsServed } from '../../../protocol/roles.ts';
import type { Alerts } from '../../alerts/alerts.ts';
import type { Delivery } from '../../alerts/delivery.ts';
import { subjectOf } from '../../auth/auth.ts';
import { writeAudit } from '../../store/audit.ts';
import type { RouteHandlers } from '../api.ts';
import { accountOf } from './lessons.ts';
import { roomOf } from './rooms.ts';

type AlertRoutes = Pick<
  RouteHandlers,
  'alert.list' | 'alert.acknowledge' | 'alert.settings' | 'alert.configure' | 'alert.test'
>;

export function alertRoutes({ alerts, delivery }: { alerts: Alerts; delivery: Delivery }): AlertRoutes {
  return {
    'alert.list': async (context) => ({
      now: Date.now(),
      ...(await alerts.list(schoolsServed(subjectOf(accountOf(context))))),
    }),

    'alert.acknowledge': async (context) => {
      const { request } = context;
      const id = String(request.params.alert);
      const actor = accountOf(context).id;
      await alerts.acknowledge(roomOf(context).id, id, actor);
      await writeAudit({
        actor,
        action: 'alert.acknowledge',
        target: id,
        outcome: 'ok',
        address: request.ip,
      });
      return {};
    },

    'alert.settings': async (context) => alerts.settings(accountOf(context).id),

    'alert.configure': async (context, settings) => {
      await alerts.configure(accountOf(context).id, settings);
      return {};
    },

    'alert.test': async (context) => delivery.test(accountOf(context).id),
  };
}
