/** What a state is like after an entry at which all compare theirs. */
export interface Mark {
  readonly seq: number;
  readonly digest: string;
}

/** Half a minute of writing. */
const MARK_EVERY = 256;

/** Whether server and clients compare their states after this entry. */
export function isMarked(seq: number): boolean {
  return seq % MARK_EVERY === 0;
}
