import type { ErrorCode } from '../../protocol/errors.ts';
import type { Log } from '../log.ts';
import { writeAudit } from '../store/audit.ts';
import type { Refusal } from './api.ts';

/** Nothing is wrong with these: a server restarts. */
const ORDINARY: ReadonlySet<ErrorCode> = new Set(['database_unavailable', 'shutting_down']);

const OURS = ['device', 'room', 'fleet', 'timetable', 'alert', 'token', 'update'];

/**
 * Writes down what was refused about rooms and devices, and what a device was refused at all: a key that was stolen
 * shows here first. Nobody waits for it, and a database that is away is in the log already.
 */
export function auditRefusals(log: Log): (refusal: Refusal) => void {
  return ({ request, account, name, code }) => {
    const ours = OURS.some((area) => name.startsWith(`${area}.`));
    const device = request.session?.device?.id;
    if (!(ours || device !== undefined) || ORDINARY.has(code)) return;
    const { lesson, room } = request.params;
    const target = [request.params.device, room, lesson].find((one) => typeof one === 'string');
    const actor = device ?? account?.id;
    writeAudit({
      ...{ actor, action: name, outcome: code, address: request.ip },
      target: typeof target === 'string' ? target.slice(0, 64) : undefined,
    }).catch((error: unknown) =>
      log.warn({ err: error, action: name, code }, 'a refusal was not written down'),
    );
  };
}
