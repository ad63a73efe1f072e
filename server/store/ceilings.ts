import type { Ceiling } from '../../protocol/ceilings.ts';
import type { Localised } from '../../protocol/common.ts';
import type { CeilingRecords } from '../lessons/ceilings.ts';
import { attempt } from './database.ts';
import { Rooms } from './device-models.ts';
import { Accounts, Schools } from './models.ts';

export const ceilingRecords: CeilingRecords = {
  async ceilingsOf(participant) {
    const [account, room] = await attempt(() =>
      Promise.all([
        Accounts.findById(participant, { school: 1 }).lean(),
        Rooms.findById(participant, { settings: 1 }).lean(),
      ]),
    );
    if (!account) return null;
    const { ceilingKbps = null, ceilingHours = null, allowed = 'all' } = room?.settings ?? {};
    return {
      school: account.school,
      own: ceilingKbps === null ? null : { kbps: ceilingKbps, hours: ceilingHours },
      allowed,
      isRoom: room !== null,
      ofSchool: await schoolCeiling(account.school),
    };
  },
};

export async function schoolCeiling(school: string): Promise<Ceiling | null> {
  const row = await attempt(() => Schools.findById(school, { ceiling: 1 }).lean());
  return row?.ceiling ?? null;
}

export async function schoolCeilings(
  schools: readonly string[],
): Promise<{ id: string; name: Localised; ceiling: Ceiling | null }[]> {
  const rows = await attempt(() => Schools.find({ _id: { $in: schools } }, { name: 1, ceiling: 1 }).lean());
  return rows.map(({ _id, name, ceiling }) => ({ id: _id, name, ceiling: ceiling ?? null }));
}

export async function setSchoolCeiling(school: string, ceiling: Ceiling | null): Promise<void> {
  await attempt(() => Schools.updateOne({ _id: school }, { $set: { ceiling } }));
}
