import { MEASURES, type RoomSummary, type SeriesPoint } from '../../protocol/devices.ts';

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
  return csvOf([COLUMNS, ...rows]);
}

export function seriesAsCsv(points: readonly SeriesPoint[]): string {
  const rows = points.map((point) => [
    time(point.at),
    String(point.n),
    ...MEASURES.map((measure) => String(point[measure] ?? '')),
  ]);
  return csvOf([['time', 'reports', ...MEASURES], ...rows]);
}

function csvOf(rows: readonly (readonly string[])[]): string {
  return `\uFEFF${rows.map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
}

/** A cell that begins like a formula would be run by the spreadsheet (CWE-1236): a quote makes it text. */
function cell(text: string): string {
  const isFormula = /^[=+\-@\t\r]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text);
  const harmless = isFormula ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

function time(at: number | null): string {
  return at === null ? '' : new Date(at).toISOString();
}
