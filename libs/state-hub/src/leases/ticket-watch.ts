/** Clients that wait for one ticket each. */
export class TicketWatch {
  readonly #waiters = new Map<string, Set<() => void>>();
  #closed = false;

  /** Resolves when the ticket is notified, after `ms`, when the signal is aborted, or when the watch is closed. */
  wait(id: string, ms: number, signal: AbortSignal): Promise<void> {
    if (this.#closed || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        const waiters = this.#waiters.get(id);
        waiters?.delete(done);
        if (waiters?.size === 0) this.#waiters.delete(id);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done, { once: true });
      const waiters = this.#waiters.get(id);
      if (waiters === undefined) this.#waiters.set(id, new Set([done]));
      else waiters.add(done);
    });
  }

  notify(id: string): void {
    for (const done of [...(this.#waiters.get(id) ?? [])]) done();
  }

  close(): void {
    this.#closed = true;
    for (const id of [...this.#waiters.keys()]) this.notify(id);
  }
}
