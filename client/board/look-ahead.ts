import { type Board, reduceBoard } from '../../protocol/board.ts';
import type { LogEntry } from '../../protocol/events.ts';

/** Two batches, and the jitter of the link they came over. */
export const LOOK_AHEAD_MS = 250;

/**
 * The board at `time`, with the ink of the next moments already in it: a batch enters the log when it is complete,
 * and its points were written before that. Nothing but ink comes early. `ahead` are the entries after `board`.
 */
export function inkAhead(board: Board, ahead: Iterable<LogEntry>, time: number): Board {
  let folded = board;
  for (const { event, actor, t } of ahead) {
    if (t > time + LOOK_AHEAD_MS) break;
    if (event.type === 'ink.drawn') folded = reduceBoard(folded, event, actor ?? '', t);
  }
  return folded;
}
