import type { Alert } from '../../protocol/alerts.ts';
import { namesOf } from '../store/accounts.ts';
import type { AlertRecord } from '../store/alerts.ts';
import { schoolNames } from '../store/rooms.ts';

const GONE = { 'zh-CN': '—' };

/** With the names that people know things by. */
export async function presentAlerts(alerts: readonly AlertRecord[]): Promise<Alert[]> {
  const accounts = alerts.flatMap(({ room, acknowledgedBy }) => [room, acknowledgedBy ?? room]);
  const [names, schools] = await Promise.all([
    namesOf(accounts),
    schoolNames(alerts.map(({ school }) => school)),
  ]);
  return alerts.map(({ id, kind, level, room, school, since, openedAt, clearedAt, ...rest }) => ({
    ...{ id, kind, level },
    room: { id: room, name: names.get(room) ?? GONE },
    school: { id: school, name: schools.get(school) ?? GONE },
    since: since.getTime(),
    openedAt: openedAt.getTime(),
    clearedAt: clearedAt?.getTime() ?? null,
    acknowledged:
      rest.acknowledgedAt && rest.acknowledgedBy !== undefined
        ? { by: names.get(rest.acknowledgedBy) ?? GONE, at: rest.acknowledgedAt.getTime() }
        : null,
  }));
}
