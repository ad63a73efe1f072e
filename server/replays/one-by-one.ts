/**
 * Does one thing after the other, of each `subject` on its own. What merges lessons, erases something of them or deletes them shares
 * one, and has no subjects: a copy that is made while its source is being erased would keep what was erased.
 */
export class OneByOne {
  readonly #last = new Map<string, Promise<void>>();

  do<T>(task: () => Promise<T>, subject = ''): Promise<T> {
    const result = (this.#last.get(subject) ?? Promise.resolve()).then(task);
    const settled = result.then(
      () => undefined,
      () => undefined, // told to whoever asked
    );
    this.#last.set(subject, settled);
    void settled.then(() => this.#last.get(subject) === settled && this.#last.delete(subject));
    return result;
  }

  /** Resolves when nothing that was begun by now is under way. */
  async done(): Promise<void> {
    await Promise.all(this.#last.values());
  }
}
