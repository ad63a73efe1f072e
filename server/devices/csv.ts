import type { RoomSummary } from '../../protocol/devices.ts';

const COLUMNS = [
  'school',
  'room',
  'level',
  'reason',
  'online',
  'last seen',
  'round trip ms',
  'last check',
  'next lesson',
  'begins',
];

/** RFC 4180, with the byte order mark without which Excel takes Chinese for Latin. Times are ISO 8601, UTC. */
export function roomsAsCsv(rooms: readonly RoomSummary[]): string {
  const rows = rooms.map((room) => [
    room.school.name['zh-CN'],
    room.name['zh-CN'],
    room.level,
    room.reason,
    room.online ? 'yes' : 'no',
    time(room.seenAt),
    room.roundTripMs === null ? '' : String(Math.round(room.roundTripMs)),
    time(room.checkedAt),
    room.next?.title['zh-CN'] ?? '',
    time(room.next?.startsAt ?? null),
  ]);
  return `\uFEFF${[COLUMNS, ...rows].map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
}

/** A cell that begins like a formula would be run by the spreadsheet (CWE-1236): a quote makes it text. */
function cell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

function time(at: number | null): string {
  return at === null ? '' : new Date(at).toISOString();
}
