import { type ErrorCode, isPassing, TongkeError } from '../../protocol/errors.ts';
import type { OperationId } from '../../protocol/events.ts';

/**
 * Keeps a client's operations in their order. When one is refused for a passing reason, those after it must wait for
 * it too: taken before it, they would make it look like one that the log already has, and it would be lost.
 */
export class OperationOrder {
  /** Per client, the first operation that is still to come again, and why it was refused. */
  readonly #waiting = new Map<string, { n: number; code: ErrorCode }>();

  /** Throws the refusal of the earlier operation that this one has to wait for. */
  check({ client, n }: OperationId): void {
    const waiting = this.#waiting.get(client);
    if (waiting && n > waiting.n) throw new TongkeError(waiting.code, 'an earlier operation comes first');
  }

  settled({ client, n }: OperationId): void {
    if (this.#waiting.get(client)?.n === n) this.#waiting.delete(client);
  }

  refused({ client, n }: OperationId, code: ErrorCode): void {
    const waiting = this.#waiting.get(client);
    if (waiting && waiting.n < n) return;
    if (isPassing(code)) this.#waiting.set(client, { n, code });
    else this.settled({ client, n });
  }
}
