import { Fetch } from 'socket.io-client';

/**
 * Long polling that can be given up. socket.io's own leaves a request that hangs to the browser, which has six at a time
 * for a server: attempts of while the link was away would then stand in the way of all that follows.
 */
export class Polling extends Fetch {
  #stop = new AbortController();

  override doPoll(): void {
    void this.#send('read', { method: 'GET' }, (text) => this.onData(text));
  }

  override doWrite(data: string, written: () => void): void {
    void this.#send('write', { method: 'POST', body: data }, written);
  }

  override doClose(): void {
    this.#stop.abort();
    this.#stop = new AbortController();
    // The server is told, where it knows of this at all.
    if (this.readyState === 'open') super.doClose();
  }

  async #send(what: string, init: RequestInit, then: (text: string) => void): Promise<void> {
    const { signal } = this.#stop;
    const headers = new Headers(this.opts.extraHeaders);
    if (init.body) headers.set('content-type', 'text/plain;charset=UTF-8');
    try {
      const credentials = this.opts.withCredentials ? 'include' : 'omit';
      const response = await fetch(this.uri(), { ...init, headers, credentials, signal });
      if (signal.aborted) return;
      if (!response.ok) {
        this.onError(`polling: ${what}`, response.status, response);
        return;
      }
      const text = await response.text();
      if (!signal.aborted) then(text);
    } catch (error) {
      if (!signal.aborted) this.onError(`polling: ${what}`, error);
    }
  }
}
