/** Bytes in order, put in and taken out in pieces of any length. */
export class ByteQueue {
  readonly #chunks: Buffer[] = [];
  length = 0;

  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.length += chunk.length;
  }

  /** As many as there are, up to `most`. */
  take(most: number): Buffer {
    const taken: Buffer[] = [];
    let missing = Math.min(most, this.length);
    this.length -= missing;
    for (let first = this.#chunks[0]; first && missing > 0; first = this.#chunks[0]) {
      taken.push(first.subarray(0, missing));
      if (first.length > missing) this.#chunks[0] = first.subarray(missing);
      else this.#chunks.shift();
      missing -= Math.min(first.length, missing);
    }
    return taken.length === 1 && taken[0] ? taken[0] : Buffer.concat(taken);
  }

  clear(): void {
    this.#chunks.length = 0;
    this.length = 0;
  }
}
