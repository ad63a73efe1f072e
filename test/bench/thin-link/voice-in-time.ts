import type { BrowserReception } from '../../support/reception.ts';

export function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

/** Share of the voice between two readings that was not made up, percent. */
export function voiceInTime(before: BrowserReception, after: BrowserReception): number {
  return round(
    100 * (1 - (after.concealed - before.concealed) / Math.max(1, after.samples - before.samples)),
    2,
  );
}
