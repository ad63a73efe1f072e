/** Two segments of the voice: so far behind what there is of a lesson that goes on, nothing need be waited for. Milliseconds. */
const NEAR_MS = 6_000;

/**
 * How fast a lesson is played of which `left` ms are there, where it is to be `rate`: near the end of what there is no faster than it
 * is taught, which would be to wait again and again. And not at all beyond it: voice and ink come by ways of their own, and what is
 * heard already may not have its ink yet.
 */
export function rateNear(left: number, rate: number): number {
  if (left <= 0) return 0;
  return isNear(left) ? Math.min(1, rate) : rate;
}

export const isNear = (left: number): boolean => left < NEAR_MS;
