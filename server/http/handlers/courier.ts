import { can } from '../../../protocol/roles.ts';
import { subjectOf } from '../../auth/auth.ts';
import type { Courier } from '../../courier/courier.ts';
import { forgetUpload, uploadPath } from '../../courier/uploads.ts';
import { writeAudit } from '../../store/audit.ts';
import { trust, trustedBy, untrust } from '../../store/courier.ts';
import { publishedLessons } from '../../store/lessons.ts';
import type { RouteContext, RouteHandlers } from '../api.ts';
import { accountOf, lessonOf } from './lessons.ts';

type Name = `courier.${'show' | 'trust' | 'untrust' | 'export' | 'import'}` | 'library.list';

/** Of the library: more than anybody leafs through. */
const MOST_LISTED = 300;

export function courierRoutes(courier: Courier): Pick<RouteHandlers, Name> {
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
    'courier.import': async (context, { upload }) => {
      const taken = await courier.import(uploadPath(courier.uploads, upload), schoolOf(context));
      await forgetUpload(courier.uploads, upload);
      await written(context, 'courier.import', taken.lesson);
      return taken;
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
