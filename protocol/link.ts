import { z } from 'zod';

/**
 * What a receiver is given, from the least: each step holds those before it. Voice is never taken away.
 * `ink`: the board as it is written. `thumbnail`: the teacher, small, some frames a second. `picture`: the teacher as
 * seen in a call, or the shared screen. `everyone`: all who are on.
 */
export const Rung = z.enum(['voice', 'ink', 'thumbnail', 'picture', 'everyone']);
export type Rung = z.infer<typeof Rung>;

export const RUNGS: readonly Rung[] = Rung.options;

/** What a receiver asks to be spared. `save`: no more than a thumbnail. */
export const LinkChoice = z.enum(['all', 'save', 'no_picture', 'voice_only']);
export type LinkChoice = z.infer<typeof LinkChoice>;

/** The highest rung that a choice leaves. */
export const HIGHEST: Readonly<Record<LinkChoice, Rung>> = {
  all: 'everyone',
  save: 'thumbnail',
  no_picture: 'ink',
  voice_only: 'voice',
};

/** Of what a receiver chose and what is set for it, the one that leaves less. */
export function sparest(a: LinkChoice, b: LinkChoice): LinkChoice {
  return isAtLeast(HIGHEST[a], HIGHEST[b]) ? b : a;
}

export function isAtLeast(rung: Rung, least: Rung): boolean {
  return RUNGS.indexOf(rung) >= RUNGS.indexOf(least);
}

const Share = z.number().min(0).max(1);
const Milliseconds = z.number().min(0).max(600_000);

/** What a client measures of its own link. Shares are of the time since the report before. */
export const LinkReport = z.object({
  /** Of a request and its answer. */
  roundTripMs: Milliseconds,
  /** Of packets that never came. */
  loss: Share,
  /** Of the voice that was made up because it had not come in time. Absent where none was due. */
  concealed: Share.optional(),
  /** Of the media's own path, which no retransmission lengthens. */
  pathMs: Milliseconds.optional(),
  /** What the link carries, by the last train (`train-line.ts`) that came. */
  carriesKbps: z.number().min(0).max(10_000_000).optional(),
  receivedKbps: z.number().min(0).max(10_000_000).optional(),
});
export type LinkReport = z.infer<typeof LinkReport>;
