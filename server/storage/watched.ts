import { TongkeError } from '../../protocol/errors.ts';
import type { ByteRange, ObjectInfo, ObjectStore } from '../../protocol/storage.ts';

/** A store somewhere else, which may be away: it says so, and rejects with `storage_unavailable`. */
export class WatchedStore implements ObjectStore {
  readonly #store: ObjectStore;
  #trouble: string | null = null;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  trouble(): string | null {
    return this.#trouble;
  }

  async put(key: string, content: AsyncIterable<Uint8Array>): Promise<ObjectInfo> {
    let own: unknown;
    const watched = async function* (): AsyncIterable<Uint8Array> {
      try {
        yield* content;
      } catch (error) {
        own = error; // what is to be put cannot be read: that is not the store's
        throw error;
      }
    };
    try {
      return await this.#asked(() => this.#store.put(key, watched()));
    } catch (error) {
      if (own === undefined) throw error;
      this.#trouble = null;
      throw own;
    }
  }

  info(key: string): Promise<ObjectInfo | null> {
    return this.#asked(() => this.#store.info(key));
  }

  async read(key: string, range?: ByteRange): Promise<AsyncIterable<Uint8Array> | null> {
    const content = await this.#asked(() => this.#store.read(key, range));
    return content && this.#coming(content);
  }

  /** It may fall silent in the midst of an object, too. */
  async *#coming(content: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    try {
      yield* content;
    } catch (error) {
      throw this.#away(error);
    }
  }

  remove(key: string): Promise<void> {
    return this.#asked(() => this.#store.remove(key));
  }

  async *keys(prefix: string): AsyncIterable<string> {
    const keys = this.#store.keys(prefix)[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await this.#asked(() => keys.next());
        if (next.done) return;
        yield next.value;
      }
    } finally {
      await keys.return?.();
    }
  }

  async #asked<T>(ask: () => Promise<T>): Promise<T> {
    try {
      const answer = await ask();
      this.#trouble = null;
      return answer;
    } catch (error) {
      throw this.#away(error);
    }
  }

  #away(error: unknown): TongkeError {
    this.#trouble = error instanceof Error ? error.message || error.name : String(error);
    return new TongkeError('storage_unavailable', 'The store does not answer', { cause: error });
  }
}
