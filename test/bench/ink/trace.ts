import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { InkPoint } from '../../../protocol/ink.ts';
import { type PenStroke, writeText } from '../../../server/demo/handwriting.ts';

/** Not among those that the coder's first guesses were found with. */
const SEED = 91_000;
const LINES = ['同课 3x + 5 = 20', '数学分加等于', 'The quick brown fox', 'བོད་'];
/** A pause between strokes of a trace that does not say when each began, ms. */
const PAUSE_MS = 250;
/** As the board rounds what a pen reports: see client/board/pen.ts. */
const PRESSURE_STEPS = 31;
const PRESSURE_STEP = 8;

/** The project's own handwriting at 66 Hz on a grid of 1 px (Apache-2.0, generated), or that of a file. */
export function loadTrace(file: string | undefined): PenStroke[] {
  const strokes = file === undefined ? ownTrace() : readTrace(readFileSync(file, 'utf8'));
  return strokes.map(({ start, points }) => ({
    start,
    points: points.map(([x, y, t, pressure]): InkPoint => [x, y, t, roundPressure(pressure)]),
  }));
}

function ownTrace(): PenStroke[] {
  const strokes: PenStroke[] = [];
  let start = 0;
  for (let i = 0; i < 20; i++) {
    for (const [j, text] of LINES.entries()) {
      const options = { x: 60, y: 80 + 200 * j, size: 110, seed: SEED + 10 * i + j };
      const written = writeText(text, options);
      strokes.push(...written.strokes.map((stroke) => ({ ...stroke, start: start + stroke.start })));
      start += written.duration + PAUSE_MS;
    }
  }
  return strokes;
}

const Line = z
  .array(
    z
      .tuple([z.number(), z.number(), z.number(), z.number()])
      .or(z.tuple([z.number(), z.number(), z.number()])),
  )
  .min(1);

/** Times may run through the whole trace or begin at 0 with every stroke; pressure is 0..1 or 0..255, or missing. */
function readTrace(text: string): PenStroke[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const raw = lines.map((line, i) => {
    const parsed = Line.safeParse(JSON.parse(line));
    if (!parsed.success)
      throw new Error(`line ${i + 1} of the trace is no stroke [[x, y, t, pressure], ...]`);
    return parsed.data;
  });
  const full = raw.some((stroke) => stroke.some(([, , , pressure = 0]) => pressure > 1)) ? 1 : 255;
  let end = 0;
  return raw.map((stroke) => {
    const first = stroke[0]?.[2] ?? 0;
    const start = first >= end && first > 0 ? first : end + PAUSE_MS;
    let last = 0;
    const points = stroke.map(([x, y, t, pressure = 0.5 * (255 / full)]): InkPoint => {
      last = Math.max(last, Math.round(t - first));
      return [Math.round(x), Math.round(y), last, Math.min(255, Math.round(pressure * full))];
    });
    end = start + last;
    return { start: Math.round(start), points };
  });
}

function roundPressure(pressure: number): number {
  return Math.max(1, Math.round((pressure / 255) * PRESSURE_STEPS)) * PRESSURE_STEP;
}

/** The trace's beginning, for what is measured in real time. */
export function firstSeconds(strokes: readonly PenStroke[], seconds: number): PenStroke[] {
  const begin = strokes[0]?.start ?? 0;
  return strokes.filter(({ start }) => start - begin < seconds * 1000);
}

export function countPoints(strokes: readonly PenStroke[]): number {
  return strokes.reduce((sum, { points }) => sum + points.length, 0);
}
