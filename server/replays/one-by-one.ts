/**
 * Does one thing after the other. What merges lessons, erases something of them or deletes them shares one: a copy that is made
 * while its source is being erased would keep what was erased.
 */
export class OneByOne {
  #last: Promise<unknown> = Promise.resolve();

  do<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#last.then(task);
    this.#last = result.catch(() => undefined); // told to whoever asked
    return result;
  }

  /** Resolves when nothing that was begun by now is under way. */
  async done(): Promise<void> {
    await this.#last;
  }
}
