/** Something changed. Readers fetch what they show anew, so an event names the thing and carries nothing of it. */
export interface HubEvent {
  readonly kind: 'machine' | 'queue' | 'run' | 'cache';
  /** The machine's name, the lease's or run's id; empty for the cache. */
  readonly id: string;
}

/** Tells listeners in this process what changed. Delivery is synchronous; a listener must neither throw nor wait. */
export class EventBus {
  readonly #listeners = new Set<(event: HubEvent) => void>();

  publish(event: HubEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  /** @returns what ends the subscription. */
  subscribe(listener: (event: HubEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
