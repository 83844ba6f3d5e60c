/** Those who wait for something to happen to one topic each: a lease ticket, the log of a run. */
export class TopicWatch {
  readonly #waiters = new Map<string, Set<() => void>>();
  #closed = false;

  get closed(): boolean {
    return this.#closed;
  }

  /** Resolves when the topic is notified, after `ms`, when the signal is aborted, or when the watch is closed. */
  wait(topic: string, ms: number, signal: AbortSignal): Promise<void> {
    if (this.#closed || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        const waiters = this.#waiters.get(topic);
        waiters?.delete(done);
        if (waiters?.size === 0) this.#waiters.delete(topic);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done, { once: true });
      const waiters = this.#waiters.get(topic);
      if (waiters === undefined) this.#waiters.set(topic, new Set([done]));
      else waiters.add(done);
    });
  }

  notify(topic: string): void {
    for (const done of [...(this.#waiters.get(topic) ?? [])]) done();
  }

  close(): void {
    this.#closed = true;
    for (const topic of [...this.#waiters.keys()]) this.notify(topic);
  }
}
