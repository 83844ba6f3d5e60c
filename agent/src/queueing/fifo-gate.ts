/** Who holds or awaits a place, for people. */
export interface Holder {
  readonly label: string;
}

/** A place taken in a gate; give it back exactly once. */
export type Release = () => void;

/**
 * Lets a fixed number of holders in, the others in the order in which they came. Capacity one is a lock.
 */
export class FifoGate {
  readonly #holders = new Set<Holder>();
  readonly #waiting: { holder: Holder; enter: (release: Release) => void }[] = [];

  constructor(readonly capacity: number) {}

  get holders(): readonly Holder[] {
    return [...this.#holders];
  }

  get waiting(): readonly Holder[] {
    return this.#waiting.map(({ holder }) => holder);
  }

  /** Takes a place if one is free now and nobody waits. */
  tryEnter(holder: Holder): Release | undefined {
    return this.#holders.size < this.capacity && this.#waiting.length === 0 ? this.#admit(holder) : undefined;
  }

  /** Takes a place, waiting in line for it. Rejects with the signal's reason when it is aborted first. */
  enter(holder: Holder, signal: AbortSignal): Promise<Release> {
    signal.throwIfAborted();
    const now = this.tryEnter(holder);
    if (now !== undefined) return Promise.resolve(now);
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(ticket), 1);
        reject(signal.reason as Error);
      };
      const ticket = {
        holder,
        enter: (release: Release) => {
          signal.removeEventListener('abort', leave);
          resolve(release);
        },
      };
      this.#waiting.push(ticket);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  #admit(holder: Holder): Release {
    this.#holders.add(holder);
    return () => {
      if (!this.#holders.delete(holder)) return;
      const next = this.#waiting.shift();
      if (next !== undefined) next.enter(this.#admit(next.holder));
    };
  }
}
