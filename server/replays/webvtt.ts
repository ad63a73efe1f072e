import { TongkeError } from '../../protocol/errors.ts';
import type { Cue } from '../../protocol/replay-edit.ts';

/**
 * WebVTT (W3C Candidate Recommendation, 4 April 2019), as far as a text at a time. What else a cue may hold (tags, classes,
 * settings, styles, regions) is dropped on the way in, and text is written out escaped: whatever was sent, what browsers
 * get are plain lines at times.
 */

/** A day of speech. */
const MAX_CUES = 20_000;
const MAX_TEXT = 1_000;
const MAX_HOURS = 24;

const TIMING =
  /^\s*(?:(\d{2,4}):)?([0-5]\d):([0-5]\d)\.(\d{3})[ \t]+-->[ \t]+(?:(\d{2,4}):)?([0-5]\d):([0-5]\d)\.(\d{3})(?:[ \t].*)?$/;
const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  nbsp: ' ',
  lrm: '',
  rlm: '',
};
/** Everything that is no text: controls, and what turns the direction of text that follows it. */
const INVISIBLE = /[\p{Cc}\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** Cues in order of their beginning; times in ms from the file's 0. Rejects what is no WebVTT with `captions_unreadable`. */
export function parseVtt(file: string): Cue[] {
  const lines = file
    .replace(/^\ufeff/, '')
    .replaceAll('\0', '\ufffd')
    .split(/\r\n|\r|\n/);
  if (!/^WEBVTT(?:[ \t]|$)/.test(lines[0] ?? '')) throw unreadable(1, 'it does not begin with WEBVTT');
  const cues: Cue[] = [];
  for (let at = skipBlock(lines, 0); at < lines.length; ) {
    const end = skipBlock(lines, at);
    const cue = cueOf(lines.slice(at, end), at + 1);
    if (cue) cues.push(cue);
    if (cues.length > MAX_CUES) throw unreadable(at + 1, `it has more than ${MAX_CUES} cues`);
    at = end + 1;
  }
  if (cues.length === 0) throw unreadable(lines.length, 'it has no cues');
  return cues.sort((a, b) => a.from - b.from || a.to - b.to);
}

/** Index of the first empty line from `at` on. */
function skipBlock(lines: readonly string[], at: number): number {
  let end = at;
  while (end < lines.length && lines[end] !== '') end++;
  return end;
}

function cueOf(block: readonly string[], line: number): Cue | null {
  const [first = ''] = block;
  if (block.length === 0 || /^(NOTE|STYLE|REGION)(?:[ \t]|$)/.test(first)) return null;
  const timing = block.findIndex((one) => one.includes('-->'));
  if (timing < 0 || timing > 1) throw unreadable(line, 'a cue has no times');
  const times = TIMING.exec(block[timing] ?? '');
  if (!times) throw unreadable(line + timing, 'the times of a cue cannot be read');
  const from = milliseconds(times.slice(1, 5));
  const to = milliseconds(times.slice(5, 9));
  if (to <= from) throw unreadable(line + timing, 'a cue ends before it begins');
  if (to > MAX_HOURS * 3_600_000) throw unreadable(line + timing, 'a cue lies beyond a day');
  const text = plain(block.slice(timing + 1));
  if (text.length > MAX_TEXT) throw unreadable(line + timing, `a cue has more than ${MAX_TEXT} signs`);
  return text === '' ? null : { from, to, text };
}

function milliseconds([hours = '0', minutes = '0', seconds = '0', ms = '0']: readonly (
  | string
  | undefined
)[]): number {
  return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 + Number(ms);
}

function plain(lines: readonly string[]): string {
  const shown = lines.map((line) =>
    line
      // A tag may be left open at the line's end: what follows it is none of the text.
      .replace(/<[^>]*(?:>|$)/g, '')
      .replace(/&(\w{2,5});/g, (whole, name: string) => ENTITIES[name] ?? whole)
      .replace(INVISIBLE, '')
      .trim(),
  );
  return shown.filter((line) => line !== '').join('\n');
}

function unreadable(line: number, reason: string): TongkeError {
  return new TongkeError('captions_unreadable', `Line ${line}: ${reason}.`);
}

/** Cues as a file whose 0 is lesson time `zero`. */
export function writeVtt(cues: readonly Cue[], zero: number): string {
  const blocks = cues.map(
    ({ from, to, text }) => `${clock(from - zero)} --> ${clock(to - zero)}\n${escaped(text)}\n`,
  );
  return ['WEBVTT\n', ...blocks].join('\n');
}

function clock(ms: number): string {
  const whole = Math.max(0, Math.round(ms));
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const rest = String(whole % 1000).padStart(3, '0');
  return `${two(whole / 3_600_000)}:${two((whole / 60_000) % 60)}:${two((whole / 1000) % 60)}.${rest}`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
