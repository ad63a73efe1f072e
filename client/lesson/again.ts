const FIRST_MS = 300;
const MOST_MS = 5_000;

/** Does something again after a while, which doubles from one time to the next until `reset`. */
export class Again {
  readonly #act: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #delay = 0;

  constructor(act: () => void) {
    this.#act = act;
  }

  later(): void {
    this.#delay = Math.min(MOST_MS, Math.max(FIRST_MS, this.#delay * 2));
    this.cancel();
    this.#timer = setTimeout(this.#act, this.#delay * (0.5 + Math.random()));
  }

  cancel(): void {
    clearTimeout(this.#timer);
  }

  reset(): void {
    this.#delay = 0;
  }
}
