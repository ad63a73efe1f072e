/** Bytes from the other end that cannot be read: the connection they came over is of no use any more. */
export class WireError extends Error {}

/** Most bytes of a number: seven bits each, so that every safe integer fits. */
const LONGEST_NUMBER = 8;

/** Numbers, texts and bytes one after another. Numbers are LEB128: seven bits a byte, the lowest first. */
export class ByteWriter {
  #bytes = new Uint8Array(64);
  #length = 0;

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  /** A natural number below 2^53. */
  number(value: number): void {
    let rest = value;
    for (; rest > 127; rest = Math.floor(rest / 128)) this.byte((rest % 128) | 128);
    this.byte(rest);
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** With its length before it. */
  bytes(bytes: Uint8Array): void {
    this.number(bytes.length);
    this.raw(bytes);
  }

  text(text: string): void {
    this.bytes(new TextEncoder().encode(text));
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const longer = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + count));
    longer.set(this.#bytes);
    this.#bytes = longer;
  }
}

/** The inverse of ByteWriter; throws WireError where the bytes end too soon or say what no writer writes. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  byte(): number {
    const value = this.#bytes[this.#at++];
    if (value === undefined) throw new WireError('the bytes end too soon');
    return value;
  }

  number(): number {
    let value = 0;
    for (let i = 0; i < LONGEST_NUMBER; i++) {
      const byte = this.byte();
      value += (byte & 127) * 128 ** i;
      if (byte < 128 && Number.isSafeInteger(value)) return value;
    }
    throw new WireError('a number is too long');
  }

  rest(): Uint8Array {
    const bytes = this.#bytes.subarray(this.#at);
    this.#at = this.#bytes.length;
    return bytes;
  }

  bytes(): Uint8Array {
    const end = this.number() + this.#at;
    if (end > this.#bytes.length) throw new WireError('the bytes end too soon');
    const bytes = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return bytes;
  }

  text(): string {
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(this.bytes());
    } catch (error) {
      throw error instanceof WireError ? error : new WireError('a text is not UTF-8');
    }
  }

  /** A JSON value with its length before it. */
  json(): unknown {
    const text = this.text();
    try {
      return JSON.parse(text);
    } catch {
      throw new WireError('a value is not JSON');
    }
  }
}
