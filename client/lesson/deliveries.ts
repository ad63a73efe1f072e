import type { OperationId } from '../../protocol/events.ts';
import { OperationsEncoder } from '../../protocol/operations-line.ts';
import type { DurableName, Output } from '../../protocol/requests.ts';
import { ANSWER_TIMEOUT_MS, ConnectionLost, readAnswer } from './answer.ts';

interface Delivery {
  readonly name: DurableName;
  readonly timer: ReturnType<typeof setTimeout>;
  resolve(output: Output<DurableName>): void;
  reject(error: unknown): void;
}

const keyOf = ({ client, n }: OperationId) => `${client} ${n}`;

/** Operations on their way over one connection, until their entries come, or a word of the server about them. */
export class Deliveries {
  readonly #send: (bytes: Uint8Array) => void;
  readonly #open = new Map<string, Delivery>();
  #encoder = new OperationsEncoder();

  constructor(send: (bytes: Uint8Array) => void) {
    this.#send = send;
  }

  /** Rejects with what the server refused, or with ConnectionLost. */
  deliver(name: DurableName, input: unknown, op: OperationId): Promise<Output<DurableName>> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#giveUp(op), ANSWER_TIMEOUT_MS);
      this.#open.set(keyOf(op), { name, timer, resolve, reject });
      this.#send(this.#encoder.encode(name, input, op));
    });
  }

  answered(op: OperationId, answer: unknown): void {
    const delivery = this.#take(op);
    if (!delivery) return; // an entry of somebody else, or of before a cut
    try {
      delivery.resolve(readAnswer(delivery.name, answer));
    } catch (error) {
      delivery.reject(error);
    }
  }

  /** The connection is gone; the next one begins anew. */
  lost(): void {
    this.#encoder = new OperationsEncoder();
    for (const { timer, reject } of this.#open.values()) {
      clearTimeout(timer);
      reject(new ConnectionLost());
    }
    this.#open.clear();
  }

  #giveUp(op: OperationId): void {
    const delivery = this.#take(op);
    delivery?.reject(new ConnectionLost(`no answer to ${delivery.name}`));
  }

  #take(op: OperationId): Delivery | undefined {
    const delivery = this.#open.get(keyOf(op));
    this.#open.delete(keyOf(op));
    clearTimeout(delivery?.timer);
    return delivery;
  }
}
