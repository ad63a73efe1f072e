/** A piece of an object: bytes `from` to `to`, both included, as in HTTP's Range. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

export interface ObjectInfo {
  readonly bytes: number;
  /** Lower-case hex of the SHA-256 of its content. */
  readonly sha256: string;
}

/**
 * Where files that outlive a lesson are kept: a folder, or any S3 store, chosen by configuration. Keys are made by the
 * server, never by a person: lower-case segments of `[a-z0-9._-]`, joined by `/`, none of them starting with a dot.
 * One that does not answer rejects with `storage_unavailable`.
 */
export interface ObjectStore {
  /** Resolves when the object is durable and its checksum was compared; an object of that key is replaced as a whole. */
  put(key: string, content: AsyncIterable<Uint8Array>): Promise<ObjectInfo>;
  /** Null where there is none. */
  info(key: string): Promise<ObjectInfo | null>;
  /** Null where there is none. What is not read to its end must be ended with the iterator's `return`. */
  read(key: string, range?: ByteRange): Promise<AsyncIterable<Uint8Array> | null>;
  /** Resolves when it is gone; one that was never there is no error. */
  remove(key: string): Promise<void>;
  /** Keys that begin with `prefix`, in no order; also of what is only half there, which `remove` removes like all else. */
  keys(prefix: string): AsyncIterable<string>;
  /** Why it did not answer when it was last asked, in plain English; null where it did. One that cannot be away has none. */
  trouble?(): string | null;
}
