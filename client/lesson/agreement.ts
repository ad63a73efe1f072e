import type { Mark } from '../../protocol/mark.ts';

/** Marks are half a minute apart; on a thin link the server's word comes some seconds before its entries. */
const KEPT = 4;

/** Whether what was folded here is what was folded at the server, at the entries at which both say so. */
export class Agreement {
  readonly #here = new Map<number, string>();
  readonly #there = new Map<number, string>();

  /** False where the server said something else of the same entry. */
  here({ seq, digest }: Mark): boolean {
    return meet(this.#here, this.#there, seq, digest);
  }

  /** False where it is something else than what was folded here. */
  there({ seq, digest }: Mark): boolean {
    return meet(this.#there, this.#here, seq, digest);
  }

  /** The state is the server's own again. */
  begin(): void {
    this.#here.clear();
  }
}

function meet(one: Map<number, string>, other: Map<number, string>, seq: number, digest: string): boolean {
  one.set(seq, digest);
  for (const oldest of one.keys()) {
    if (one.size <= KEPT) break;
    one.delete(oldest);
  }
  const said = other.get(seq);
  return said === undefined || said === digest;
}
