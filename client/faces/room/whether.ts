/** Something that is yes or no, and for a while not known. */
export class Whether {
  #value: boolean | null = null;
  readonly #waiting = new Set<(value: boolean) => void>();

  get isSo(): boolean {
    return this.#value === true;
  }

  /** null: not known any more. */
  set(value: boolean | null): void {
    this.#value = value;
    if (value === null) return;
    for (const tell of this.#waiting) tell(value);
    this.#waiting.clear();
  }

  /** Once it is known; yes where that takes longer than `mostMs`. */
  known(mostMs: number): Promise<boolean> {
    if (this.#value !== null) return Promise.resolve(this.#value);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(true), mostMs);
      this.#waiting.add((value) => {
        clearTimeout(timer);
        resolve(value);
      });
    });
  }
}
