import { TongkeError } from '../../../protocol/errors.ts';
import { can } from '../../../protocol/roles.ts';
import { subjectOf } from '../../auth/auth.ts';
import { type Courier, isRefusal } from '../../courier/courier.ts';
import { uploadName } from '../../courier/uploads.ts';
import type { Quotas } from '../../replays/quotas.ts';
import { writeAudit } from '../../store/audit.ts';
import { takenFrom, trust, trustedBy, untrust } from '../../store/courier.ts';
import { publishedLessons } from '../../store/lessons.ts';
import type { RouteContext, RouteHandlers } from '../api.ts';
import { accountOf, lessonOf } from './lessons.ts';

type Name = `courier.${'show' | 'trust' | 'untrust' | 'export' | 'known' | 'import'}` | 'library.list';

/** Of the library: more than anybody leafs through. */
const MOST_LISTED = 300;

export interface CourierRouteOptions {
  readonly courier: Courier;
  readonly quotas: Pick<Quotas, 'fits' | 'weigh'>;
}

export function courierRoutes({ courier, quotas }: CourierRouteOptions): Pick<RouteHandlers, Name> {
  return {
    'courier.show': async (context) => ({
      fingerprint: courier.identity.fingerprint,
      schools: await trustedBy(schoolOf(context)),
    }),
    'courier.trust': async (context, { fingerprint, name }) => {
      await trust(schoolOf(context), fingerprint, name);
      await written(context, 'courier.trust', fingerprint);
      return {};
    },
    'courier.untrust': async (context) => {
      const fingerprint = String(context.request.params.fingerprint);
      await untrust(schoolOf(context), fingerprint);
      await written(context, 'courier.untrust', fingerprint.slice(0, 64));
      return {};
    },
    'courier.export': async (context) => {
      const record = lessonOf(context);
      const { bytes } = await courier.export(record);
      await written(context, 'courier.export', record.id);
      return { url: `/courier/packages/${record.id}.tongke`, bytes };
    },
    'courier.known': async (context, { package: id }) => ({ known: await takenFrom(schoolOf(context), id) }),
    'courier.import': async (context, { upload }) => {
      const { uploads } = courier;
      const name = uploadName(accountOf(context).id, upload);
      const bytes = await uploads.received(name);
      // An empty file is sent by no request at all.
      if (bytes === 0) throw new TongkeError('package_damaged');
      if (!quotas.fits(schoolOf(context), bytes)) throw new TongkeError('recordings_full');
      try {
        const taken = await courier.takeIn(name, schoolOf(context));
        void quotas.weigh();
        await written(context, 'courier.import', taken.lesson);
        await uploads.drop(name);
        return taken;
      } catch (error) {
        // One whose school is trusted later need not be sent again, nor what a full disk keeps from being taken in.
        const isUntrusted = error instanceof TongkeError && error.code === 'package_untrusted';
        if (isRefusal(error) && !isUntrusted) await uploads.drop(name);
        throw error;
      }
    },
    'library.list': async (context) => {
      const subject = subjectOf(accountOf(context));
      const records = await publishedLessons(MOST_LISTED);
      const mine = records.filter(({ members }) => can(subject, 'replay.watch', { members }));
      return {
        replays: mine.map(({ id, title, course, teacher, school, startsAt, members }) => ({
          ...{ lesson: id, title, course, teacher, school, startsAt },
          audience: members.audience ?? 'class',
        })),
      };
    },
  };
}

function schoolOf(context: RouteContext): string {
  return accountOf(context).school.id;
}

async function written(context: RouteContext, action: string, target: string): Promise<void> {
  const { ip: address } = context.request;
  await writeAudit({ actor: accountOf(context).id, action, target, outcome: 'ok', address });
}
