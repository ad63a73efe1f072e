/** Who wants to know when something happens. */
export class Listeners<A extends unknown[] = []> {
  readonly #all = new Set<(...about: A) => void>();

  /** Returns how to stop; fit for `useSyncExternalStore`. */
  readonly add = (listener: (...about: A) => void): (() => void) => {
    this.#all.add(listener);
    return () => void this.#all.delete(listener);
  };

  tell(...about: A): void {
    for (const listener of this.#all) listener(...about);
  }

  clear(): void {
    this.#all.clear();
  }
}
