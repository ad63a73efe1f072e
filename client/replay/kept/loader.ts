import type { Loader, LoaderCallbacks, LoaderConfiguration, LoaderContext, LoaderStats } from 'hls.js';
import type { ReadKept } from '../hls.ts';

type HlsClass = typeof import('hls.js').default;

const fromHere = new WeakSet<LoaderStats>();

/** Whether what these statistics are of came from this device, and cost nothing. */
export function isKept(stats: LoaderStats): boolean {
  return fromHere.has(stats);
}

/** hls.js's own loader, which asks this device first. */
export function keptFirst(Hls: HlsClass, readKept: ReadKept): HlsClass['DefaultConfig']['loader'] {
  return class KeptFirst extends Hls.DefaultConfig.loader implements Loader<LoaderContext> {
    #gone = false;

    override load(
      context: LoaderContext,
      config: LoaderConfiguration,
      callbacks: LoaderCallbacks<LoaderContext>,
    ): void {
      const begun = performance.now();
      readKept(new URL(context.url, location.href).pathname)
        .catch(() => null) // a cache that cannot be read is as good as an empty one
        .then((data) => {
          if (this.#gone) return;
          if (data === null) {
            super.load(context, config, callbacks);
            return;
          }
          this.context = context;
          const { stats } = this;
          fromHere.add(stats);
          stats.loading = { start: begun, first: begun, end: performance.now() };
          stats.loaded = stats.total = data.byteLength;
          const isText = context.responseType !== 'arraybuffer';
          const answer = {
            url: context.url,
            data: isText ? new TextDecoder().decode(data) : data,
            code: 200,
          };
          callbacks.onSuccess(answer, stats, context, null);
        });
    }

    override abort(): void {
      this.#gone = true;
      super.abort();
    }

    override destroy(): void {
      this.#gone = true;
      super.destroy();
    }
  };
}
