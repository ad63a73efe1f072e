import { type ErrorCode, isPassing, TongkeError } from '../../protocol/errors.ts';
import type { OperationId } from '../../protocol/events.ts';

/** A client has 32 on their way at most; more than this is nobody's client. */
const WAITING_LIMIT = 1_000;

/**
 * Keeps a client's operations in their order. When some are refused for a passing reason, those after them must wait for
 * them too: taken before them, they would make them look like ones that the log already has, and they would be lost.
 */
export class OperationOrder {
  /** Per client, the operations that are still to come again, and why they were refused. */
  readonly #clients = new Map<string, { settled: number; waiting: Map<number, ErrorCode> }>();

  /**
   * Throws the refusal of the earlier operation that this one has to wait for. `logged` is the client's last one in the
   * log: what came over a connection of before, and was refused over this one, is not sent again.
   */
  check({ client, n }: OperationId, logged = 0): void {
    const { waiting } = this.#clients.get(client) ?? {};
    for (const [earlier, code] of waiting ?? []) {
      if (earlier <= logged) waiting?.delete(earlier);
      else if (earlier < n) throw new TongkeError(code, 'an earlier operation comes first');
    }
  }

  settled({ client, n }: OperationId): void {
    const known = this.#of(client);
    known.waiting.delete(n);
    known.settled = Math.max(known.settled, n);
  }

  refused({ client, n }: OperationId, code: ErrorCode): void {
    const known = this.#of(client);
    if (!isPassing(code)) known.waiting.delete(n);
    // What is refused after a later one was taken, or was taken itself, never comes again.
    else if (n > known.settled && known.waiting.size < WAITING_LIMIT) known.waiting.set(n, code);
  }

  #of(client: string) {
    const known = this.#clients.get(client) ?? { settled: 0, waiting: new Map<number, ErrorCode>() };
    this.#clients.set(client, known);
    return known;
  }
}
